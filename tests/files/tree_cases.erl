%% The cases of conformance in the tree of names itself, with nothing mounted at /tmp.
-module(tree_cases).
-export([main/0]).

main() ->
    ok = vbeam_vfs:unmount("/tmp"),
    conformance_cases:main().
