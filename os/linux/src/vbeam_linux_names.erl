%% Paths of programs.
-module(vbeam_linux_names).
-export([program/1]).

%% The path of the file system that a path of the calling thread's group leads to, links followed,
%% for execve.
-spec program(binary()) -> binary().
program(<<"/proc/self/exe">>) -> vbeam_linux_group:get(executable, <<>>);
program(<<"/", _/binary>> = Path) -> Path;
program(Path) -> filename:join(vbeam_linux_group:get(folder, <<"/">>), Path).
