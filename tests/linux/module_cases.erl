%% Kernel modules, loaded and used: what the tests compare with the definitions of what they
%% compute. Runs on the system, and on plain Erlang with host/vbeam_task.erl. Each line is a name
%% and a term.
-module(module_cases).
-export([main/0, main/2, raid6/3, points/1, mutated/4]).

main() -> main(small, #{}).

main(Which, Options) ->
    ok = logger:set_primary_config(level, none),
    put(options, Options),
    [show(Name, Case) || {Name, Case} <- cases(Which)],
    [ok = vbeam_ko:unload(Name) || {Name, _} <- vbeam_ko:list()],
    show(frames, fun() -> vbeam_task:frames() end).

show(Name, Case) ->
    Result = try Case() catch Kind:Reason:Stack -> {Kind, Reason, hd(Stack)} end,
    io:format("~s ~0p~n", [Name, Result]).

%% Without the 48 tables of characters, and with fewer isolation cases: those cost time in QEMU.
cases(small) -> checksums() ++ first_hashes() ++ isolation();
%% On the system, by hand: main(system, #{}).
cases(system) -> devices() ++ disk();
cases(all) ->
    checksums() ++ first_hashes() ++ hashes() ++ ciphers() ++ devices() ++ others() ++ isolation();
cases(nls) -> [{Name, fun() -> characters(Name) end} || Name <- maps:get(names, get(options))].

load(Name) -> load(Name, #{}).
load(Name, More) ->
    case vbeam_ko:load(Name, maps:merge(maps:without([names], get(options)), More)) of
        ok -> ok;
        {error, Reason} -> lists:flatten(vbeam_ko:format_error(Reason))
    end.

loaded(Name, Function) ->
    case load(Name) of
        ok ->
            Result = Function(),
            _ = vbeam_ko:unload(Name),
            Result;
        Error ->
            Error
    end.

hex(Bytes) -> << <<(hd(integer_to_list(N, 16)))>> || <<N:4>> <= Bytes >>.

text() -> <<"123456789">>.

checksums() ->
    [
        {crc16, fun() -> loaded(crc16, fun() -> vbeam_ko:call(crc16, crc16, [0, text(), 9],
            u16) end) end},
        {crc7_be, fun() -> loaded(crc7, fun() -> vbeam_ko:call(crc7, crc7_be, [0, text(), 9],
            u8) end) end},
        {crc_itu_t, fun() ->
            loaded("crc-itu-t.ko", fun() ->
                vbeam_ko:call(crc_itu_t, crc_itu_t, [0, text(), 9], u16)
            end)
        end},
        {lz4_compress, fun() -> loaded(lz4_compress, fun lz4/0) end},
        {bch, fun() -> loaded(bch, fun bch/0) end}
    ].

lz4() ->
    Data = iolist_to_binary([[integer_to_binary(I * I rem 97),
        " of the lines\n"] || I <- lists:seq(1, 1500)]),
    Room = byte_size(Data) + 1000,
    {ok, Size, [_, Packed]} = begin
        {ok, Number, [Out, Work]} = vbeam_ko:call(
            lz4_compress,
            'LZ4_compress_default',
            [Data, {buffer, Room}, byte_size(Data), Room, {buffer, 16416}],
            s32
        ),
        {ok, Number, [Work, binary_part(Out, 0, Number)]}
    end,
    {vbeam_linuxkpi_checksum:lz4(Packed, <<>>, byte_size(Data)) =:= {ok, Data},
        Size < byte_size(Data) div 3}.

%% Four bits of 200 bytes are flipped, and found again.
bch() ->
    {ok, Control} = vbeam_ko:call(bch, bch_init, [13, 4, 0, 0]),
    Data = << <<(I * 7 band 255)>> || I <- lists:seq(1, 200) >>,
    {ok, _, [Code]} = vbeam_ko:call(bch, bch_encode, [Control, Data, 200, {buffer, 7}], s32),
    Flipped = [3, 77, 1000, 1599],
    Wrong = lists:foldl(
        fun(Bit, Bytes) ->
            At = Bit div 8,
            <<Before:At/binary, Byte, After/binary>> = Bytes,
            <<Before/binary, (Byte bxor (1 bsl (Bit rem 8))), After/binary>>
        end,
        Data,
        Flipped
    ),
    {ok, Count, [Places]} = vbeam_ko:call(
        bch, bch_decode, [Control, Wrong, 200, Code, 0, 0, {buffer, 32}], s32
    ),
    {ok, _} = vbeam_ko:call(bch, bch_free, [Control]),
    Found = [P || <<P:32/little>> <= binary_part(Places, 0, 4 * max(0, Count))],
    {Count, lists:sort(Found) =:= Flipped}.

digest(Module, Algorithm, Data, Key) ->
    case vbeam_ko:perform(Module, {vbeam_linuxkpi_crypto, digest, [Algorithm, Data, Key]}) of
        {ok, Digest} -> hex(Digest);
        Error -> Error
    end.

data() -> << <<(I * 13 band 255)>> || I <- lists:seq(1, 1000) >>.

digests(Module, Algorithms) ->
    {Module, fun() ->
        loaded(Module, fun() ->
            [{A, digest(Module, A, Data, none)} || A <- Algorithms, Data <- [<<"abc">>, data()]]
        end)
    end}.

first_hashes() ->
    [
        digests(sha3_generic, [<<"sha3-224">>, <<"sha3-256">>, <<"sha3-384">>, <<"sha3-512">>]),
        {ghash_generic, fun() ->
            loaded("ghash-generic", fun() ->
                #{depends := Depends} = vbeam_ko:information(ghash_generic),
                Key = <<"0123456789abcdef">>,
                {Depends, digest(ghash_generic, <<"ghash">>, binary_part(data(), 0, 64), Key)}
            end)
        end}
    ].

hashes() ->
    [
        digests(sha512_generic, [<<"sha384">>, <<"sha512">>]),
        digests(rmd160, [<<"rmd160">>]),
        digests(md4, [<<"md4">>]),
        digests(blake2b_generic, [<<"blake2b-512">>]),
        digests(wp512, [<<"wp512">>]),
        digests(streebog_generic, [<<"streebog256">>, <<"streebog512">>]),
        digests(crc32_generic, [<<"crc32">>]),
        digests(crc32c_generic, [<<"crc32c">>]),
        digests(crct10dif_generic, [<<"crct10dif">>]),
        {michael_mic, fun() ->
            loaded(michael_mic, fun() ->
                digest(michael_mic, <<"michael_mic">>, <<>>, <<0:64>>)
            end)
        end}
    ].

%% {Module, Algorithm, Key, Block}
cipher_cases() ->
    Key = fun(Bytes) -> << <<(I * 17 band 255)>> || I <- lists:seq(1, Bytes) >> end,
    [
        {twofish_generic, <<"twofish">>, <<0:128>>, <<0:128>>},
        {serpent_generic, <<"serpent">>, Key(32), <<0:128>>},
        {camellia_generic, <<"camellia">>, Key(16), <<"sixteen bytes ok">>},
        {blowfish_generic, <<"blowfish">>, <<0:64>>, <<0:64>>},
        {cast5_generic, <<"cast5">>, <<16#0123456712345678234567893456789A:128>>,
            <<16#0123456789ABCDEF:64>>},
        {cast6_generic, <<"cast6">>, <<16#2342bb9efa38542c0af75647f29f615d:128>>, <<0:128>>},
        {des_generic, <<"des3_ede">>, Key(24), <<"8 bytes.">>},
        {fcrypt, <<"fcrypt">>, <<0:64>>, <<0:64>>}
    ].

ciphers() ->
    [
        {Module, fun() ->
            loaded(Module, fun() ->
                {ok, Secret} = cipher(Module, encrypt, Algorithm, Key, Block),
                {ok, Again} = cipher(Module, decrypt, Algorithm, Key, Secret),
                {hex(Secret), Again =:= Block}
            end)
        end}
     || {Module, Algorithm, Key, Block} <- cipher_cases()
    ].

cipher(Module, Direction, Algorithm, Key, Block) ->
    vbeam_ko:perform(Module, {vbeam_linuxkpi_crypto, cipher, [Direction, Algorithm, Key, Block]}).

devices() ->
    [
        {raid6_pq, fun() ->
            loaded(raid6_pq, fun() ->
                {ok, Call} = vbeam_ko:address(raid6_pq, raid6_call),
                Disks = [<< <<(I * K band 255)>> || I <- lists:seq(1, 512) >> || K <- [3, 5, 7,
                    11]],
                {P, Q} = vbeam_ko:perform(raid6_pq, {?MODULE, raid6, [Call, Disks, 512]}),
                {hex(binary_part(P, 0, 16)), P =:= parity(Disks), Q =:= syndrome(Disks)}
            end)
        end},
        {hangcheck_timer, fun() ->
            ok = load("hangcheck-timer.ko", #{parameters => #{hangcheck_tick => 1}}),
            Armed = fun() -> vbeam_ko:perform(hangcheck_timer, {vbeam_linuxkpi_time, armed,
                []}) end,
            [{_, First}] = Armed(),
            timer:sleep(1500),
            [{_, Second}] = Armed(),
            Log = vbeam_ko:log(hangcheck_timer),
            ok = vbeam_ko:unload(hangcheck_timer),
            {Log, Second - First >= 250}
        end},
        {cpuid, fun() ->
            loaded(cpuid, fun() ->
                [{Name, Major, Minor}] = vbeam_ko:perform(
                    cpuid, {vbeam_linuxkpi_device, names, []}
                ),
                {ok, <<_:32, B:4/binary, C:4/binary, D:4/binary>>} = vbeam_ko:perform(
                    cpuid, {vbeam_linuxkpi_device, read, [Major, Minor, 0, 16]}
                ),
                {ok, Brand} = vbeam_ko:perform(
                    cpuid, {vbeam_linuxkpi_device, read, [Major, Minor, 16#80000002, 16]}
                ),
                {Name, <<B/binary, D/binary, C/binary>>, hd(binary:split(Brand, <<0>>)),
                    vbeam_ko:perform(
                        cpuid, {vbeam_linuxkpi_device, read, [Major, Minor, 0, 15]}
                    )}
            end)
        end},
        {ttyprintk, fun() ->
            loaded(ttyprintk, fun() ->
                Text = <<"a line\nand another\n">>,
                Taken = vbeam_ko:perform(
                    ttyprintk, {vbeam_linuxkpi_tty, write, [<<"ttyprintk">>, Text]}
                ),
                {Taken, vbeam_ko:log(ttyprintk)}
            end)
        end},
        {dummy, fun() ->
            loaded(dummy, fun() ->
                Packets = [<<0:480>>, <<0:480>>, <<0:480>>],
                {ok, Sent, Counters} = vbeam_ko:perform(
                    dummy, {vbeam_linuxkpi_net, transmit, [<<"dummy0">>, Packets]}
                ),
                {Sent, [maps:get(F, Counters) || F <- [mtu, tx_packets, tx_bytes, consumed]]}
            end)
        end},
        {brd, fun() ->
            ok = load(brd, #{parameters => #{rd_nr => 1, rd_size => 1024}}),
            Use = fun(Function, Arguments) ->
                vbeam_ko:perform(brd, {vbeam_linuxkpi_block, Function, Arguments})
            end,
            Data = binary:copy(<<"blocks! ">>, 1024),
            Written = Use(write, [<<"ram0">>, 3, Data]),
            {ok, Read} = Use(read, [<<"ram0">>, 2, 12288]),
            Outside = Use(read, [<<"ram0">>, 2047, 1024]),
            Names = Use(names, []),
            ok = vbeam_ko:unload(brd),
            {Names, Written, Read =:= <<0:4096, Data/binary, 0:28672>>, Outside}
        end}
    ].

%% A file system on the disk of a module, on the system only.
disk() ->
    [
        {disk, fun() ->
            ok = load(brd, #{parameters => #{rd_nr => 1, rd_size => 2048}}),
            ok = vbeam_ko_disk:add(brd, <<"ram0">>),
            {ok, #{blocks := Blocks}} = vbeam_block:info(ram0),
            ok = vbeam_ext2_format:format(ram0, #{block_bytes => 4096}),
            Text = binary:copy(<<"kept by a kernel module\n">>, 500),
            ok = vbeam_vfs:mount({ext2, ram0}, "/tmp", []),
            ok = file:write_file("/tmp/file", Text),
            ok = vbeam_vfs:unmount("/tmp"),
            ok = vbeam_vfs:mount({ext2, ram0}, "/tmp", []),
            Again = file:read_file("/tmp/file"),
            ok = vbeam_vfs:unmount("/tmp"),
            ok = vbeam_block:remove(ram0),
            ok = vbeam_ko:unload(brd),
            {Blocks, Again =:= {ok, Text}}
        end}
    ].

others() ->
    [
        {lz4, fun() ->
            loaded(lz4, fun() ->
                Use = fun(Direction, Data) ->
                    vbeam_ko:perform(
                        lz4, {vbeam_linuxkpi_crypto, compress, [Direction, <<"lz4">>, Data, 3000]}
                    )
                end,
                Data = binary:copy(<<"to be packed ">>, 200),
                {ok, Packed} = Use(compress, Data),
                {byte_size(Packed) < 100, Use(decompress, Packed) =:= {ok, Data}}
            end)
        end},
        {libcrc32c, fun() ->
            loaded(libcrc32c, fun() ->
                #{depends := Depends} = vbeam_ko:information(libcrc32c),
                {Depends, vbeam_ko:call(libcrc32c, crc32c, [16#ffffffff, text(), 9], u32)}
            end)
        end},
        {crc_t10dif, fun() ->
            loaded(crc_t10dif, fun() ->
                vbeam_ko:call(crc_t10dif, crc_t10dif, [text(), 9], u16)
            end)
        end},
        {ts_kmp, search(ts_kmp, <<"kmp">>)},
        {ts_bm, search(ts_bm, <<"bm">>)},
        {tcp_scalable, tcp(tcp_scalable, <<"scalable">>)},
        {tcp_highspeed, tcp(tcp_highspeed, <<"highspeed">>)},
        {tcp_bic, tcp(tcp_bic, <<"bic">>)}
    ].

search(Module, Algorithm) ->
    fun() ->
        loaded(Module, fun() ->
            [
                vbeam_ko:perform(
                    Module,
                    {vbeam_linuxkpi_search, find, [
                        Algorithm, Word, <<"the quick brown fox jumps">>
                    ]}
                )
             || Word <- [<<"brown">>, <<"the">>, <<"jumps">>, <<"cat">>]
            ]
        end)
    end.

tcp(Module, Algorithm) ->
    fun() ->
        loaded(Module, fun() ->
            Calls = [{ssthresh, []}, {undo_cwnd, []}],
            Fields = [{snd_cwnd, 100}, {snd_ssthresh, 50}, {prior_cwnd, 120}],
            vbeam_ko:perform(
                Module, {vbeam_linuxkpi_tcp, run, [Algorithm, Fields, Calls, [snd_cwnd]]}
            )
        end)
    end.

%% In the process of the module: the function gen_syndrome of raid6_call on data, P and Q.
raid6(Call, Disks, Bytes) ->
    Places = [vbeam_ko_memory:copy(Disk, Bytes) || Disk <- Disks ++ [<<0:Bytes/unit:8>>,
        <<0:Bytes/unit:8>>]],
    Table = vbeam_ko_memory:copy(<< <<P:64/little>> || P <- Places >>, 8),
    %% The first field of struct raid6_calls.
    Function = vbeam_ko_memory:read_u64(Call),
    vbeam_ko_machine:call(Function, [length(Places), Bytes, Table]),
    [P, Q] = [vbeam_ko_memory:read(At, Bytes) || At <- lists:nthtail(length(Disks), Places)],
    [vbeam_ko_memory:free(At) || At <- [Table | Places]],
    {P, Q}.

parity(Disks) -> lists:foldl(fun crypto_xor/2, <<0:4096>>, Disks).

%% The last disk's bytes are multiplied least often: Horner's rule in GF(2^8), polynomial 0x11d.
syndrome(Disks) ->
    lists:foldl(
        fun(Disk, Sum) -> crypto_xor(Disk, << <<(doubled(B))>> || <<B>> <= Sum >>) end,
        <<0:4096>>,
        lists:reverse(Disks)
    ).

doubled(B) when B < 128 -> B bsl 1;
doubled(B) -> ((B bsl 1) bxor 16#11d) band 255.

crypto_xor(A, B) ->
    Bits = bit_size(A),
    <<X:Bits>> = A,
    <<Y:Bits>> = B,
    <<(X bxor Y):Bits>>.

%% --- tables of characters --------------------------------------------------------------------

%% Each byte from 128 on as code point, 0 for none; and those of every eighth that do not lead back.
characters(Module) ->
    loaded(Module, fun() ->
        [Charset | _] = vbeam_ko:perform(Module, {vbeam_linuxkpi_nls, names, []}),
        {Charset, Points, Back} = vbeam_ko:perform(Module, {?MODULE, points, [Charset]}),
        {Charset, Points, Back}
    end).

points(Charset) ->
    Bytes = lists:seq(128, 255),
    Points = [
        case vbeam_linuxkpi_nls:to_unicode(Charset, <<B>>) of {ok, Point, 1} -> Point; _ -> 0 end
     || B <- Bytes
    ],
    Back = [
        {B, Point}
     || {B, Point} <- lists:zip(Bytes, Points),
        B rem 8 =:= 1,
        Point =/= 0,
        vbeam_linuxkpi_nls:from_unicode(Charset, Point) =/= {ok, <<B>>}
    ],
    {Charset, Points, Back}.

%% --- isolation -------------------------------------------------------------------------------

%% What each of the module's functions makes of it; the module is there again afterwards.
isolation() ->
    Calls = [
        {bug, []}, {unmarked, []}, {wild_read, []}, {wild_write, []}, {null_call, []},
        {kernel_half, []}, {disables_interrupts, []}, {halts, []}, {port, []},
        {control_register, []}, {divides, [0]}, {recurses, [0]}, {free_twice, []},
        {free_wild, []}, {strange_call, [1234]}, {strange_call, [16#10000]}, {strange_text, []},
        {jumps_into_data, []}, {stack_leaves, []}, {loops, []}
    ],
    [
        {hostile, fun() -> load(hostile, #{memory => 16#400000, time => 300}) end},
        {log, fun() -> vbeam_ko:log(hostile) end},
        {no_function, fun() -> vbeam_ko:call(hostile, no_such, []) end},
        {warned, fun() -> {vbeam_ko:call(hostile, warned, [], s32),
            lists:last(vbeam_ko:log(hostile))} end},
        {unended, fun() -> vbeam_ko:call(hostile, unended, [{buffer, 17}], s32) end},
        {exhausts, fun() -> {ok, N} = vbeam_ko:call(hostile, exhausts, [], s32), {N > 0,
            N < 5} end},
        {sets_direction, fun() -> element(1, vbeam_ko:call(hostile, sets_direction, [])) end}
    ] ++
        [{Name, fun() -> crashed(Name, Arguments) end} || {Name, Arguments} <- Calls].

%% The supervisor gives a module up that ends too often; here each is loaded anew.
crashed(Function, Arguments) ->
    _ = vbeam_ko:unload(hostile),
    ok = load(hostile, #{memory => 16#400000, time => 300}),
    {ok, 1} = vbeam_ko:call(hostile, counted, []),
    {_, Before} = lists:keyfind(<<"hostile">>, 1, vbeam_ko:list()),
    Reason = reason(vbeam_ko:call(hostile, Function, Arguments)),
    After = again(100),
    {Reason, After =/= Before, vbeam_ko:call(hostile, counted, [])}.

again(0) -> none;
again(Left) ->
    case lists:keyfind(<<"hostile">>, 1, vbeam_ko:list()) of
        {_, Pid} when is_pid(Pid) ->
            case is_process_alive(Pid) of true -> Pid; false -> timer:sleep(10),
                again(Left - 1) end;
        _ -> timer:sleep(10), again(Left - 1)
    end.

%% The kind of the end; where in the code it was differs with the compiler.
reason({error, {Kind, _}}) when is_atom(Kind) -> Kind;
reason(Other) -> Other.

%% --- mutated files ---------------------------------------------------------------------------

%% Files of modules with some bytes changed, in the folder of the options, loaded and started: how
%% many were refused, ended by themselves, or work.
mutated(Paths, Options, Seed, Count) ->
    ok = logger:set_primary_config(level, none),
    Files = [begin {ok, File} = file:read_file(Path), File end || Path <- Paths],
    Folder = maps:get(folder, Options),
    Results = [
        begin
            Name = "mutant" ++ integer_to_list(I),
            Path = filename:join(Folder, Name ++ ".ko"),
            Original = lists:nth(I rem length(Files) + 1, Files),
            ok = file:write_file(Path, elf_cases:mutate(Original, rand:seed_s(exsss, Seed + I))),
            Result = vbeam_ko:load(Name, Options#{force => true, time => 100}),
            _ = vbeam_ko:unload(Name),
            ok = file:delete(Path),
            case Result of
                ok -> works;
                {error, {_, {elf, Error}}} -> {elf, vbeam_elf_loader:format_error(Error)};
                {error, Reason} -> {ended, lists:flatten(vbeam_ko:format_error(Reason))}
            end
        end
     || I <- lists:seq(1, Count)
    ],
    io:format("~0p~n", [
        {length([1 || works <- Results]), length([1 || {elf, _} <- Results]),
            length([1 || {ended, _} <- Results])}
    ]),
    Results.
