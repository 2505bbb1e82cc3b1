%% Names in a file tree: folders, links, renaming, deleting, what is known of a file. Each case
%% works in a folder of its own below /tmp.
-module(files_names).
-export([cases/0]).
-include_lib("kernel/include/file.hrl").

cases() ->
    [{Name, fun() -> conformance_cases:in_folder(Name, F) end} || {Name, F} <- [
        {"make and list", fun make_and_list/1},
        {"make_dir errors", fun make_dir_errors/1},
        {"del_dir errors", fun del_dir_errors/1},
        {"delete", fun delete/1},
        {"rename files", fun rename_files/1},
        {"rename folders", fun rename_folders/1},
        {"rename onto", fun rename_onto/1},
        {"symbolic links", fun symbolic_links/1},
        {"links in paths", fun links_in_paths/1},
        {"link loops", fun link_loops/1},
        {"hard links", fun hard_links/1},
        {"file info", fun info/1},
        {"info of a handle", fun handle_info/1},
        {"write file info", fun write_info/1},
        {"permissions", fun permissions/1},
        {"odd paths", fun odd_paths/1},
        {"long names", fun long_names/1},
        {"unicode names", fun unicode_names/1},
        {"raw names", fun raw_names/1},
        {"bad arguments", fun bad_arguments/1},
        {"working folder", fun working_folder/1},
        {"working folder that goes", fun working_folder_goes/1},
        {"wildcard", fun wildcard/1},
        {"fold_files", fun fold/1},
        {"ensure_dir and ensure_path", fun ensure/1},
        {"del_dir_r", fun del_dir_r/1},
        {"filelib asks", fun filelib_asks/1},
        {"open and the tree", fun open_and_tree/1},
        {"many names", fun many_names/1},
        {"copy", fun copy/1},
        {"altname and devices", fun altname/1}
    ]].

write(Folder, Name, Text) -> ok = file:write_file(filename:join(Folder, Name), Text).
sorted({ok, Names}) -> {ok, lists:sort(Names)};
sorted(Other) -> Other.
short({ok, #file_info{size = Size, type = Type, access = Access, mode = Mode, links = Links}}) ->
    {if Type =:= directory -> any; true -> Size end, Type, Access, Mode,
     if Type =:= directory -> any; true -> Links end};
short(Other) -> Other.

make_and_list(D) ->
    [file:list_dir(D), file:make_dir(D ++ "/a"), file:make_dir(D ++ "/a/b"),
     file:write_file(D ++ "/a/x", "1"), file:write_file(D ++ "/a/.hidden", "1"),
     sorted(file:list_dir(D ++ "/a")), file:list_dir(D ++ "/a/x"), file:list_dir(D ++ "/none"),
     sorted(file:list_dir(D ++ "/a/")), file:list_dir(D ++ "/a/x/")].

make_dir_errors(D) ->
    write(D, "f", "x"),
    [file:make_dir(P) || P <- [D, D ++ "/f", D ++ "/f/g", D ++ "/none/g", D ++ "/.", D ++ "/..", "/",
                               D ++ "/new/", D ++ "/new//", "", D ++ "/f/", D ++ "/none/."]].

del_dir_errors(D) ->
    ok = file:make_dir(D ++ "/full"),
    write(D, "full/f", "x"),
    ok = file:make_dir(D ++ "/empty"),
    ok = file:make_symlink("empty", D ++ "/link"),
    [file:del_dir(P) || P <- [D ++ "/full", D ++ "/full/f", D ++ "/none", D ++ "/none/x", D ++ "/full/f/g",
                              D ++ "/empty/.", D ++ "/empty/..", D ++ "/link", D ++ "/link/",
                              D ++ "/empty/", D ++ "/empty", "/", ""]].

delete(D) ->
    write(D, "f", "x"),
    ok = file:make_dir(D ++ "/d"),
    ok = file:make_symlink("f", D ++ "/l"),
    [file:delete(P) || P <- [D ++ "/none", D ++ "/d", D ++ "/d/", D ++ "/f/g", D ++ "/f/", D ++ "/l",
                             D ++ "/f", D ++ "/f", D ++ "/d/.", D ++ "/d/..", "/", ""]]
        ++ [sorted(file:list_dir(D))].

rename_files(D) ->
    write(D, "a", "A"), write(D, "b", "B"),
    ok = file:make_dir(D ++ "/d"),
    R = fun(A, B) -> file:rename(D ++ "/" ++ A, D ++ "/" ++ B) end,
    [R("a", "c"), R("a", "c"), R("c", "b"), file:read_file(D ++ "/b"), R("b", "d"), R("b", "d/b"),
     R("none", "x"), R("none/y", "x"), R("d/b", "none/b"), R("d/b", "d/b"), R("d/b", "e/"),
     R("d/b/", "e"), R("d/b", "d/b/c"), sorted(file:list_dir(D)), sorted(file:list_dir(D ++ "/d")),
     file:rename("", D ++ "/x"), file:rename(D ++ "/d/b", "")].

rename_folders(D) ->
    ok = file:make_dir(D ++ "/a"), ok = file:make_dir(D ++ "/a/b"), write(D, "a/b/f", "F"),
    ok = file:make_dir(D ++ "/empty"), write(D, "g", "G"),
    R = fun(A, B) -> file:rename(D ++ "/" ++ A, D ++ "/" ++ B) end,
    [R("a", "a/b/c"), R("a", "a/c"), R("a/b", "a"), R("a", "g"), R("g", "a"), R("a", "x"), file:read_file(D ++ "/x/b/f"),
     R("x", "empty"), R("empty", "empty/b"), R("empty/b", "y/"), sorted(file:list_dir(D)),
     R(".", "z"), R("y", "."), R("y", ".."), file:rename("/", D ++ "/q"),
     file:read_file(D ++ "/y/f")].

rename_onto(D) ->
    ok = file:make_dir(D ++ "/a"), ok = file:make_dir(D ++ "/b"), write(D, "b/f", "F"),
    write(D, "f", "f"), ok = file:make_link(D ++ "/f", D ++ "/g"),
    R = fun(A, B) -> file:rename(D ++ "/" ++ A, D ++ "/" ++ B) end,
    [R("a", "b"), R("b", "a"), R("f", "g"), sorted(file:list_dir(D)),
     short(file:read_file_info(D ++ "/f")),
     file:make_symlink("f", D ++ "/l"), R("l", "m"), file:read_link(D ++ "/m"), R("f", "m"),
     file:read_file(D ++ "/m"), file:read_link(D ++ "/m")].

symbolic_links(D) ->
    write(D, "f", "text"),
    ok = file:make_dir(D ++ "/d"),
    [file:make_symlink("f", D ++ "/l"), file:make_symlink("f", D ++ "/l"), file:read_link(D ++ "/l"),
     file:read_link_all(D ++ "/l"),
     file:read_file(D ++ "/l"), short(file:read_link_info(D ++ "/l")), short(file:read_file_info(D ++ "/l")),
     file:read_link(D ++ "/f"), file:read_link(D ++ "/none"), file:read_link(D ++ "/d"),
     file:make_symlink("nowhere", D ++ "/dangling"), file:read_file(D ++ "/dangling"),
     file:read_file_info(D ++ "/dangling"), short(file:read_link_info(D ++ "/dangling")),
     file:write_file(D ++ "/dangling", "made"), file:read_file(D ++ "/nowhere"),
     file:open(D ++ "/l", [write, exclusive]), file:make_symlink("d", D ++ "/dl"),
     file:list_dir(D ++ "/dl"), file:write_file(D ++ "/dl/x", "x"), file:list_dir(D ++ "/d"),
     file:make_symlink("", D ++ "/e"), file:make_symlink("x", D ++ "/none/e"), file:make_symlink("x", D ++ "/d"),
     file:make_symlink("x", D ++ "/new/"), file:make_dir(D ++ "/dangling2"),
     file:make_symlink(D ++ "/f", D ++ "/abs"), file:read_file(D ++ "/abs"),
     file:read_link(D ++ "/dl/"), short(file:read_link_info(D ++ "/dl/"))].

links_in_paths(D) ->
    ok = file:make_dir(D ++ "/a"), ok = file:make_dir(D ++ "/a/b"), write(D, "a/f", "af"), write(D, "a/b/f", "abf"),
    write(D, "f", "top"),
    ok = file:make_symlink("a/b", D ++ "/l"),
    ok = file:make_symlink("../f", D ++ "/a/up"),
    ok = file:make_symlink("l", D ++ "/ll"),
    ok = file:make_symlink(".", D ++ "/here"),
    [file:read_file(D ++ P) || P <- ["/l/f", "/l/../f", "/ll/f", "/ll/../f", "/a/up", "/l/../up", "/here/here/here/f",
                                     "/f/..", "/f/.", "/l/./f", "//l//f", "/l/../../f", "/here/l/../b/../../ll/f"]].

link_loops(D) ->
    ok = file:make_symlink("b", D ++ "/a"), ok = file:make_symlink("a", D ++ "/b"),
    ok = file:make_symlink("self/x", D ++ "/self"),
    [file:read_file(D ++ "/a"), file:read_file_info(D ++ "/a"), short(file:read_link_info(D ++ "/a")),
     file:write_file(D ++ "/a", "x"), file:list_dir(D ++ "/self"), file:set_cwd(D ++ "/a"),
     file:make_dir(D ++ "/a"), file:delete(D ++ "/a"), file:read_file(D ++ "/b")].

hard_links(D) ->
    write(D, "f", "one"), ok = file:make_dir(D ++ "/d"),
    [file:make_link(D ++ "/f", D ++ "/g"), short(file:read_file_info(D ++ "/f")),
     file:write_file(D ++ "/g", "changed"), file:read_file(D ++ "/f"),
     file:make_link(D ++ "/f", D ++ "/g"), file:make_link(D ++ "/none", D ++ "/h"),
     file:make_link(D ++ "/d", D ++ "/e"), file:make_link(D ++ "/f", D ++ "/none/x"), file:make_link(D ++ "/f", D ++ "/d"),
     file:delete(D ++ "/f"), file:read_file(D ++ "/g"), short(file:read_file_info(D ++ "/g")),
     begin {ok, #file_info{inode = I}} = file:read_file_info(D ++ "/g"),
           ok = file:rename(D ++ "/g", D ++ "/d/g"),
           {ok, #file_info{inode = J}} = file:read_file_info(D ++ "/d/g"), I =:= J end].

info(D) ->
    write(D, "f", "12345"), write(D, "empty", ""), ok = file:make_dir(D ++ "/d"),
    {ok, #file_info{mtime = T}} = file:read_file_info(D ++ "/f", [{time, posix}]),
    [short(file:read_file_info(D ++ P)) || P <- ["/f", "/empty", "/d", "/d/.", "/d/..", "/none", "/f/x", "/f/", ""]]
        ++ [short(file:read_link_info(D ++ P)) || P <- ["/f", "/d", "/none"]]
        %% The simulated clock and that of the host's files part on a busy machine, but not by a
        %% zone.
        ++ [abs(os:system_time(second) - T) < 1800,
            tuple_size(element(2, file:read_file_info(D ++ "/f"))),
            is_tuple((element(2, file:read_file_info(D ++ "/f", [{time, universal}])))#file_info.mtime),
            file:read_file_info(D ++ "/f", [{time, bad}]),
            short(file:read_file_info(D ++ "/f", [raw])), short(file:read_file_info("/")),
            begin {ok, #file_info{links = L}} = file:read_file_info(D), is_integer(L) end].

handle_info(D) ->
    {ok, F} = file:open(D ++ "/f", [raw, write, read, binary]),
    ok = file:write(F, "abc"),
    R = [short(file:read_file_info(F)), short(prim_file:read_handle_info(F))],
    ok = file:close(F),
    R ++ [file:read_file_info(F), prim_file:read_handle_info(F)].

write_info(D) ->
    write(D, "f", "x"),
    P = D ++ "/f",
    Now = 1500000000,
    [file:write_file_info(P, #file_info{mtime = Now, atime = Now + 5}, [{time, posix}]),
     begin {ok, #file_info{mtime = M, atime = A}} = file:read_file_info(P, [{time, posix}]), {M, A} end,
     file:change_time(P, {{2001, 2, 3}, {4, 5, 6}}),
     begin {ok, #file_info{mtime = M2}} = file:read_file_info(P, [{time, local}]), M2 end,
     file:change_time(P, {{2001, 2, 3}, {4, 5, 6}}, {{1999, 12, 31}, {23, 59, 59}}),
     begin {ok, #file_info{mtime = M3, atime = A3}} = file:read_file_info(P, [{time, local}]), {M3, A3} end,
     file:write_file_info(P, #file_info{mtime = -1000}, [{time, posix}]),
     begin {ok, #file_info{mtime = M4}} = file:read_file_info(P, [{time, posix}]), M4 end,
     file:write_file_info(D ++ "/none", #file_info{mode = 8#600}), file:change_mode(D ++ "/none", 8#600),
     file:change_owner(D ++ "/none", 0), file:change_group(D ++ "/none", 0),
     file:change_time(D ++ "/none", {{2001, 2, 3}, {4, 5, 6}})].

permissions(D) ->
    write(D, "f", "x"),
    P = D ++ "/f",
    [begin R = file:change_mode(P, M), {R, element(4, short(file:read_file_info(P)))} end
     || M <- [8#600, 8#755, 8#4755, 8#2711, 8#1777, 8#666, 8#177777]]
        ++ [file:change_mode(P, -1), file:write_file_info(P, #file_info{mode = 8#640}), element(4, short(file:read_file_info(P))),
            file:change_mode(D, 8#700), element(4, short(file:read_file_info(D)))].

odd_paths(D) ->
    write(D, "f", "x"),
    [file:read_file(P) || P <- [D ++ "//f", D ++ "/./f", D ++ "/../" ++ filename:basename(D) ++ "/f", D, D ++ "/", "/tmp", "",
                                ".", "..", "/", "//", "/..", "/../tmp", D ++ "/f//", D ++ "/f/../f", D ++ "/none/../f",
                                [D, "/", "f"], list_to_binary(D ++ "/f"), [D, $/, [$f]]]]
        ++ [file:open(P, [read]) =:= {error, eisdir} || P <- [D, "/", "/tmp"]].

long_names(D) ->
    Name = fun(N) -> lists:duplicate(N, $n) end,
    [file:write_file(D ++ "/" ++ Name(255), "x"), file:write_file(D ++ "/" ++ Name(256), "x"),
     file:read_file(D ++ "/" ++ Name(256) ++ "/x"),
     file:make_dir(D ++ "/" ++ Name(300)), file:rename(D ++ "/" ++ Name(255), D ++ "/" ++ Name(300)),
     file:read_file(D ++ "/" ++ Name(5000)), file:read_file_info(D ++ "/" ++ string:copies("./", 3000) ++ "x"),
     file:make_symlink(Name(4094), D ++ "/l"), file:read_file(D ++ "/l"),
     begin {ok, L} = file:read_link(D ++ "/l"), length(L) end,
     file:make_symlink(Name(4097), D ++ "/l2")].

unicode_names(D) ->
    Names = ["ä", "日本", "x y", "new\nline", "a*b", "é̂"],
    [file:write_file(D ++ "/" ++ N, unicode:characters_to_binary(N)) || N <- Names]
        ++ [sorted(file:list_dir(D))]
        ++ [file:read_file(D ++ "/" ++ N) || N <- Names]
        ++ [file:make_symlink("日本", D ++ "/l"), file:read_link(D ++ "/l")].

raw_names(D) ->
    Raw = <<(list_to_binary(D))/binary, "/", 255, 254, "x">>,
    [file:write_file(Raw, "raw"), file:read_file(Raw), file:list_dir(D), sorted(file:list_dir_all(D)),
     file:make_symlink(<<253, 252>>, D ++ "/l"), file:read_link(D ++ "/l"), file:read_link_all(D ++ "/l"),
     file:delete(Raw)].

bad_arguments(D) ->
    [catch_error(fun() -> F(P) end)
     || P <- [foo, 17, [foo], D ++ [0] ++ "x", <<"a", 0, "b">>, {a}, [-1], [16#d800]],
        F <- [fun file:read_file/1, fun file:list_dir/1, fun file:make_dir/1, fun file:delete/1, fun file:del_dir/1,
              fun file:read_file_info/1, fun file:read_link/1, fun file:set_cwd/1,
              fun(X) -> file:rename(X, D ++ "/x") end, fun(X) -> file:make_symlink(X, D ++ "/sx") end,
              fun(X) -> file:open(X, [read]) end, fun(X) -> prim_file:read_file(X) end]].

catch_error(F) ->
    try F() catch C:R -> {C, R} end.

working_folder(D) ->
    ok = file:make_dir(D ++ "/a"), write(D, "f", "text"), write(D, "a/g", "in a"),
    ok = file:make_symlink("a", D ++ "/l"),
    [file:set_cwd(D), file:get_cwd(), file:read_file("f"), file:read_file("./a/g"), file:set_cwd("a"),
     file:get_cwd(), file:read_file("g"), file:read_file("../f"), file:set_cwd(".."), file:get_cwd(),
     file:set_cwd("l"), file:get_cwd(), file:set_cwd("none"), file:set_cwd("g"), file:set_cwd(""),
     file:write_file("new", "n"), sorted(file:list_dir(".")), file:rename(D ++ "/a", D ++ "/renamed"),
     file:get_cwd(), file:read_file("new"), filename:absname("x"), file:make_dir("sub"), file:del_dir("sub"),
     file:del_dir("."), file:list_dir(""), file:read_file_info("") =:= {error, enoent}].

working_folder_goes(D) ->
    ok = file:make_dir(D ++ "/gone"),
    ok = file:set_cwd(D ++ "/gone"),
    [file:del_dir(D ++ "/gone"), file:get_cwd(), file:read_file("x"), file:write_file("x", "x"),
     file:make_dir("y"), file:set_cwd(D), file:get_cwd()].

wildcard(D) ->
    [ok = file:make_dir(D ++ P) || P <- ["/a", "/b", "/a/sub"]],
    [write(D, P, "x") || P <- ["a/one.erl", "a/two.erl", "a/three.hrl", "b/one.erl", "a/sub/x.erl", ".dot"]],
    [filelib:wildcard(W, D) || W <- ["*", "*/*.erl", "**/*.erl", "a/*.[eh]rl", "{a,b}/one.*", "?/t*", "a/**", "none/*", ".*",
                                     "a/o??.erl", "[!a]/*"]]
        ++ [filelib:is_dir(D ++ "/a"), filelib:is_file(D ++ "/a/one.erl"), filelib:is_regular(D ++ "/a"),
            filelib:file_size(D ++ "/a/one.erl"), filelib:file_size(D ++ "/none")].

fold(D) ->
    [ok = file:make_dir(D ++ P) || P <- ["/a", "/a/b", "/c"]],
    [write(D, P, P) || P <- ["x.txt", "a/y.txt", "a/b/z.txt", "c/w.dat"]],
    Rel = fun(F, Acc) -> [lists:nthtail(length(D) + 1, F) | Acc] end,
    [lists:sort(filelib:fold_files(D, "\\.txt$", true, Rel, [])),
     lists:sort(filelib:fold_files(D, "\\.txt$", false, Rel, [])),
     lists:sort(filelib:fold_files(D, ".*", true, Rel, []))].

ensure(D) ->
    [filelib:ensure_dir(D ++ "/a/b/c/file"), filelib:is_dir(D ++ "/a/b/c"), filelib:ensure_dir(D ++ "/a/b/c/file"),
     filelib:ensure_path(D ++ "/p/q"), filelib:is_dir(D ++ "/p/q"), file:write_file(D ++ "/f", ""),
     filelib:ensure_dir(D ++ "/f/x/y")].

del_dir_r(D) ->
    filelib:ensure_dir(D ++ "/t/a/b/c/x"), write(D, "t/a/f", "1"), write(D, "t/a/b/g", "2"), write(D, "keep", "k"),
    ok = file:make_symlink("../keep", D ++ "/t/l"), ok = file:make_symlink("..", D ++ "/t/a/up"),
    [file:del_dir_r(D ++ "/t"), sorted(file:list_dir(D)), file:del_dir_r(D ++ "/none"), file:del_dir_r(D ++ "/keep"),
     file:list_dir(D)].

filelib_asks(D) ->
    write(D, "f", "x"), ok = file:make_symlink("none", D ++ "/l"),
    [{filelib:is_file(D ++ P), filelib:is_dir(D ++ P), filelib:is_regular(D ++ P)} || P <- ["", "/f", "/l", "/none", "/f/x"]]
        ++ [filelib:last_modified(D ++ "/none"), is_tuple(filelib:last_modified(D ++ "/f"))].

open_and_tree(D) ->
    write(D, "f", "content"),
    {ok, F} = file:open(D ++ "/f", [raw, read, write, binary]),
    R = [file:delete(D ++ "/f"), file:read(F, 4), file:write(F, "more"), file:position(F, 0), file:read(F, 100),
         file:write_file(D ++ "/f", "second"), file:position(F, 0), file:read(F, 100), file:read_file(D ++ "/f"),
         short(prim_file:read_handle_info(F))],
    ok = file:close(F),
    {ok, G} = file:open(D ++ "/f", [raw, read, binary]),
    R2 = [file:rename(D ++ "/f", D ++ "/g"), file:read(G, 100), file:close(G)],
    {ok, H} = prim_file:open(D, [read, directory]),
    R ++ R2 ++ [prim_file:read(H, 10), prim_file:write(H, "x"), prim_file:close(H),
                prim_file:open(D ++ "/g", [read, directory]), prim_file:open(D, [read]),
                prim_file:open(D, [write, directory]), file:open(D, [directory]) =:= {error, eisdir},
                element(1, file:open(D, [raw, read, directory]))].

many_names(D) ->
    Names = ["n" ++ integer_to_list(I) || I <- lists:seq(1, 2000)],
    [ok = file:write_file(D ++ "/" ++ N, N) || N <- Names],
    {ok, Found} = file:list_dir(D),
    [lists:sort(Found) =:= lists:sort(Names), [ok || N <- Names, {ok, list_to_binary(N)} =/= file:read_file(D ++ "/" ++ N)],
     lists:usort([file:delete(D ++ "/" ++ N) || N <- Names]), file:list_dir(D)].

copy(D) ->
    write(D, "f", binary:copy(<<"0123456789">>, 20000)),
    P = D ++ "/f",
    [file:copy(P, D ++ "/g"), file:read_file(D ++ "/g") =:= file:read_file(P), file:copy(P, D ++ "/h", 12345),
     filelib:file_size(D ++ "/h"), file:copy(D ++ "/none", D ++ "/x"), file:copy(P, D ++ "/none/x"),
     file:copy(P, D), file:copy(D, D ++ "/y"), file:copy({P, [read]}, {D ++ "/a", [append]}),
     file:copy({P, [read]}, {D ++ "/a", [append]}, 5), filelib:file_size(D ++ "/a")].

altname(D) ->
    [prim_file:altname(D), prim_file:get_cwd($C), file:get_cwd("C:"), file:native_name_encoding(),
     file:get_cwd(foo), file:get_cwd("")].
