%% What OTP's test suites include as common_test/include/ct.hrl: the macros that they use.
-define(config, test_server:lookup_config).
-define(line,).
-define(MIN_IMPORTANCE, 0).
-define(LOW_IMPORTANCE, 25).
-define(STD_IMPORTANCE, 50).
-define(HI_IMPORTANCE, 75).
-define(MAX_IMPORTANCE, 99).
-define(MIN_VERBOSITY, 0).
-define(LOW_VERBOSITY, 25).
-define(STD_VERBOSITY, 50).
-define(HI_VERBOSITY, 75).
-define(MAX_VERBOSITY, 100).
-define(CT_PEER_NAME(Case), test_server:peer_name(?MODULE_STRING, Case)).
-define(CT_PEER_NAME(), ?CT_PEER_NAME(?FUNCTION_NAME)).
-define(CT_PEER(Options), test_server:start_peer(Options, ?MODULE, ?FUNCTION_NAME)).
-define(CT_PEER(), ?CT_PEER([])).
-define(CT_PEER(Options, Release, Folder),
        test_server:start_peer(Options, ?MODULE, ?FUNCTION_NAME, Release, Folder)).
