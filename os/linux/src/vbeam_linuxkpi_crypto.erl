%% The kernel's interface to algorithms (linux/crypto.h, crypto/internal/hash.h): modules register
%% what they can do, and digest/3 and the others here use it as the kernel would.
-module(vbeam_linuxkpi_crypto).
-compile(nowarn_export_all).
-compile(export_all).

-define(EEXIST, 17).
-define(ENOENT, 2).
-define(NAME_BYTES, 128).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"crypto_register_shash">>, <<"crypto_unregister_shash">>,
            <<"crypto_register_shashes">>, <<"crypto_unregister_shashes">>,
            <<"crypto_register_alg">>, <<"crypto_unregister_alg">>, <<"crypto_register_algs">>,
            <<"crypto_unregister_algs">>, <<"crypto_register_skcipher">>,
            <<"crypto_unregister_skcipher">>, <<"crypto_register_skciphers">>,
            <<"crypto_unregister_skciphers">>, <<"crypto_register_aead">>,
            <<"crypto_unregister_aead">>, <<"crypto_register_aeads">>,
            <<"crypto_unregister_aeads">>, <<"crypto_register_ahash">>,
            <<"crypto_unregister_ahash">>, <<"crypto_register_akcipher">>,
            <<"crypto_unregister_akcipher">>, <<"crypto_register_kpp">>,
            <<"crypto_unregister_kpp">>, <<"crypto_register_rng">>, <<"crypto_unregister_rng">>,
            <<"crypto_register_rngs">>, <<"crypto_unregister_rngs">>,
            <<"crypto_register_scomp">>, <<"crypto_unregister_scomp">>,
            <<"crypto_register_scomps">>, <<"crypto_unregister_scomps">>,
            <<"crypto_register_acomp">>, <<"crypto_unregister_acomp">>,
            <<"crypto_register_template">>, <<"crypto_unregister_template">>,
            <<"crypto_register_templates">>, <<"crypto_unregister_templates">>,
            <<"crypto_alloc_shash">>, <<"crypto_destroy_tfm">>, <<"crypto_shash_setkey">>,
            <<"crypto_shash_update">>, <<"crypto_shash_final">>, <<"crypto_shash_finup">>,
            <<"crypto_shash_digest">>, <<"crypto_shash_tfm_digest">>, <<"crypto_has_alg">>,
            <<"crypto_inc">>
        ]
    ] ++ [{<<"fips_enabled">>, {data, 4, <<>>}}].

%% --- what is registered: {Kind, Name, Driver} => address -------------------------------------

crypto_register_shash(Alg) -> registered(shash_alg, Alg).
crypto_unregister_shash(Alg) -> unregistered(shash_alg, Alg).
crypto_register_shashes(Algs, Count) -> all(shash_alg, Algs, Count, fun registered/2).
crypto_unregister_shashes(Algs, Count) -> all(shash_alg, Algs, Count, fun unregistered/2).
crypto_register_alg(Alg) -> registered(crypto_alg, Alg).
crypto_unregister_alg(Alg) -> unregistered(crypto_alg, Alg).
crypto_register_algs(Algs, Count) -> all(crypto_alg, Algs, Count, fun registered/2).
crypto_unregister_algs(Algs, Count) -> all(crypto_alg, Algs, Count, fun unregistered/2).
crypto_register_skcipher(Alg) -> registered(skcipher_alg, Alg).
crypto_unregister_skcipher(Alg) -> unregistered(skcipher_alg, Alg).
crypto_register_skciphers(Algs, Count) -> all(skcipher_alg, Algs, Count, fun registered/2).
crypto_unregister_skciphers(Algs, Count) -> all(skcipher_alg, Algs, Count, fun unregistered/2).
crypto_register_aead(Alg) -> registered(aead_alg, Alg).
crypto_unregister_aead(Alg) -> unregistered(aead_alg, Alg).
crypto_register_aeads(Algs, Count) -> all(aead_alg, Algs, Count, fun registered/2).
crypto_unregister_aeads(Algs, Count) -> all(aead_alg, Algs, Count, fun unregistered/2).
crypto_register_ahash(Alg) -> registered(ahash_alg, Alg).
crypto_unregister_ahash(Alg) -> unregistered(ahash_alg, Alg).
crypto_register_akcipher(Alg) -> registered(akcipher_alg, Alg).
crypto_unregister_akcipher(Alg) -> unregistered(akcipher_alg, Alg).
crypto_register_kpp(Alg) -> registered(kpp_alg, Alg).
crypto_unregister_kpp(Alg) -> unregistered(kpp_alg, Alg).
crypto_register_rng(Alg) -> registered(rng_alg, Alg).
crypto_unregister_rng(Alg) -> unregistered(rng_alg, Alg).
crypto_register_rngs(Algs, Count) -> all(rng_alg, Algs, Count, fun registered/2).
crypto_unregister_rngs(Algs, Count) -> all(rng_alg, Algs, Count, fun unregistered/2).
crypto_register_scomp(Alg) -> registered(scomp_alg, Alg).
crypto_unregister_scomp(Alg) -> unregistered(scomp_alg, Alg).
crypto_register_scomps(Algs, Count) -> all(scomp_alg, Algs, Count, fun registered/2).
crypto_unregister_scomps(Algs, Count) -> all(scomp_alg, Algs, Count, fun unregistered/2).
crypto_register_acomp(Alg) -> registered(acomp_alg, Alg).
crypto_unregister_acomp(Alg) -> unregistered(acomp_alg, Alg).
crypto_register_template(Template) -> registered(crypto_template, Template).
crypto_unregister_template(Template) -> unregistered(crypto_template, Template).
crypto_register_templates(Array, Count) -> all(crypto_template, Array, Count, fun registered/2).
crypto_unregister_templates(Array, Count) -> all(crypto_template, Array, Count, fun unregistered/2).

%% The first that fails undoes those before it.
all(Kind, Algs, Count, Do) ->
    Size = vbeam_ko_interface:size(Kind),
    all(Kind, [Algs + Size * I || I <- lists:seq(0, Count - 1)], [], Do, 0).

all(_Kind, [], _Done, _Do, Result) ->
    Result;
all(Kind, [Alg | Algs], Done, Do, _Result) ->
    case Do(Kind, Alg) of
        Error when is_integer(Error), Error < 0 ->
            [unregistered(Kind, Each) || Each <- Done],
            Error;
        Result ->
            all(Kind, Algs, [Alg | Done], Do, Result)
    end.

registered(Kind, Alg) ->
    Key = {Kind, driver(Kind, Alg)},
    case algorithms() of
        #{Key := _} -> -?EEXIST;
        Known -> put(?MODULE, Known#{Key => {name(Kind, Alg), Alg}}), 0
    end.

unregistered(Kind, Alg) ->
    put(?MODULE, maps:remove({Kind, driver(Kind, Alg)}, algorithms())),
    0.

algorithms() -> case get(?MODULE) of undefined -> #{}; Map -> Map end.

%% Every kind of algorithm has the common part somewhere; templates have a name only.
name(crypto_template, Template) ->
    vbeam_linuxkpi_text:bounded(
        Template + vbeam_ko_interface:offset(crypto_template, name), ?NAME_BYTES
    );
name(Kind, Alg) ->
    vbeam_ko_memory:string(base(Kind, Alg) + vbeam_ko_interface:offset(crypto_alg, cra_name)).
driver(crypto_template, Template) ->
    name(crypto_template, Template);
driver(Kind, Alg) ->
    At = base(Kind, Alg) + vbeam_ko_interface:offset(crypto_alg, cra_driver_name),
    vbeam_ko_memory:string(At).
base(crypto_alg, Alg) -> Alg;
base(ahash_alg, Alg) -> Alg + vbeam_ko_interface:offset(ahash_alg, [halg, base]);
base(Kind, Alg) -> Alg + vbeam_ko_interface:offset(Kind, base).

%% The names of what is registered, with its kind.
-spec names() -> [{atom(), binary()}].
names() -> lists:sort([{Kind, Name} || {{Kind, _}, {Name, _}} <- maps:to_list(algorithms())]).

%% By the algorithm's name or the driver's.
find(Kind, Name) ->
    Found = [
        Alg
     || {{Each, Driver}, {Common, Alg}} <- maps:to_list(algorithms()),
        Each =:= Kind, Name =:= Driver orelse Name =:= Common
    ],
    case Found of [First | _] -> First; [] -> none end.

crypto_has_alg(Name, _Type, _Mask) ->
    Wanted = vbeam_ko_memory:string(Name),
    lists:any(fun({_, Known}) -> Known =:= Wanted end, names()).

%% --- hashes ----------------------------------------------------------------------------------

%% A hash of some pieces of data, with a key if there is one.
-spec digest(binary(), iodata() | [iodata()], binary() | none) -> {ok, binary()} | {error, term()}.
digest(Name, Data, Key) ->
    case find(shash_alg, Name) of
        none -> {error, enoent};
        Alg -> with_shash(Alg, fun(Tfm) -> digest(Alg, Tfm, iolist_to_binary(Data), Key) end)
    end.

with_shash(Alg, Do) ->
    case shash(Alg) of
        Tfm when Tfm < 0 -> {error, Tfm};
        Tfm ->
            Result = Do(Tfm),
            crypto_destroy_tfm(Tfm, Tfm + vbeam_ko_interface:offset(crypto_shash, base)),
            Result
    end.

digest(Alg, Tfm, Data, Key) ->
    case keyed(Alg, Tfm, Key) of
        0 ->
            Size = vbeam_ko_memory:get(Alg, shash_alg, digestsize),
            Desc = description(Tfm),
            Out = vbeam_ko_memory:zeroed(max(1, Size)),
            %% Two pieces, so that what is kept between them counts.
            Half = byte_size(Data) div 3,
            <<First:Half/binary, Second/binary>> = Data,
            Steps = [
                fun() -> step(Alg, init, [Desc]) end,
                fun() -> update(Alg, Desc, First) end,
                fun() -> update(Alg, Desc, Second) end,
                fun() -> step(Alg, final, [Desc, Out]) end
            ],
            Result = case in_order(Steps) of
                0 -> {ok, vbeam_ko_memory:read(Out, Size)};
                Error -> {error, Error}
            end,
            [vbeam_ko_memory:free(Each) || Each <- [Desc, Out]],
            Result;
        Error ->
            {error, Error}
    end.

in_order([]) -> 0;
in_order([Step | Steps]) -> case Step() of 0 -> in_order(Steps); Error -> Error end.

keyed(_Alg, _Tfm, none) -> 0;
keyed(Alg, Tfm, Key) ->
    vbeam_ko_memory:with(Key, fun(At) -> step(Alg, setkey, [Tfm, At, byte_size(Key)]) end).

update(Alg, Desc, Data) ->
    vbeam_ko_memory:with(Data, fun(At) -> step(Alg, update, [Desc, At, byte_size(Data)]) end).

step(Alg, Function, Arguments) ->
    case vbeam_ko_memory:get(Alg, shash_alg, Function) of
        0 -> 0;
        Address -> result(vbeam_ko_machine:call(Address, Arguments))
    end.

result(Value) ->
    <<Signed:32/signed>> = <<Value:32>>,
    Signed.

%% The object that a user of an algorithm has: with room for what the algorithm keeps with it.
shash(Alg) ->
    Base = base(shash_alg, Alg),
    Context = vbeam_ko_memory:get(Base, crypto_alg, cra_ctxsize),
    Tfm = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(crypto_shash) + Context + 64),
    Inner = Tfm + vbeam_ko_interface:offset(crypto_shash, base),
    vbeam_ko_memory:set(Inner, crypto_tfm, '__crt_alg', Base),
    Size = vbeam_ko_memory:get(Alg, shash_alg, descsize),
    vbeam_ko_memory:set(Tfm, crypto_shash, descsize, Size),
    case {vbeam_ko_memory:get(Base, crypto_alg, cra_init), vbeam_ko_memory:get(Alg, shash_alg,
        init_tfm)} of
        {0, 0} -> Tfm;
        {0, Init} -> started(Tfm, result(vbeam_ko_machine:call(Init, [Tfm])));
        {Init, _} -> started(Tfm, result(vbeam_ko_machine:call(Init, [Inner])))
    end.

started(Tfm, 0) -> Tfm;
started(Tfm, Error) -> vbeam_ko_memory:free(Tfm), Error.

description(Tfm) ->
    Size = vbeam_ko_memory:get(Tfm, crypto_shash, descsize),
    Desc = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(shash_desc) + Size + 64),
    vbeam_ko_memory:set(Desc, shash_desc, tfm, Tfm),
    Desc.

algorithm_of(Tfm) ->
    Base = vbeam_ko_memory:get(
        Tfm + vbeam_ko_interface:offset(crypto_shash, base), crypto_tfm, '__crt_alg'
    ),
    Base - vbeam_ko_interface:offset(shash_alg, base).

%% What other modules use.
crypto_alloc_shash(Name, _Type, _Mask) ->
    Wanted = vbeam_ko_memory:string(Name),
    case requested(shash_alg, Wanted) of
        none -> -?ENOENT;
        Alg -> shash(Alg)
    end.

%% An algorithm that is not there may be in a module of the kernel's usual names.
requested(Kind, Name) ->
    requested(Kind, Name, [<<Name/binary, "_generic">>, Name]).

requested(Kind, Name, Modules) ->
    case {find(Kind, Name), Modules} of
        {none, [Module | Others]} ->
            _ = vbeam_ko_module:request(Module),
            requested(Kind, Name, Others);
        {Found, _} ->
            Found
    end.
crypto_destroy_tfm(Memory, Tfm) ->
    Base = vbeam_ko_memory:get(Tfm, crypto_tfm, '__crt_alg'),
    case vbeam_ko_memory:get(Base, crypto_alg, cra_exit) of
        0 -> ok;
        Exit -> vbeam_ko_machine:call(Exit, [Tfm])
    end,
    vbeam_ko_memory:free(Memory).
crypto_shash_setkey(Tfm, Key, Bytes) -> step(algorithm_of(Tfm), setkey, [Tfm, Key, Bytes]).
crypto_shash_update(Desc, Data, Bytes) -> step(alg_of_desc(Desc), update, [Desc, Data, Bytes]).
crypto_shash_final(Desc, Out) -> step(alg_of_desc(Desc), final, [Desc, Out]).
crypto_shash_finup(Desc, Data, Bytes, Out) ->
    case crypto_shash_update(Desc, Data, Bytes) of
        0 -> crypto_shash_final(Desc, Out);
        Error -> Error
    end.
crypto_shash_digest(Desc, Data, Bytes, Out) ->
    case step(alg_of_desc(Desc), init, [Desc]) of
        0 -> crypto_shash_finup(Desc, Data, Bytes, Out);
        Error -> Error
    end.
crypto_shash_tfm_digest(Tfm, Data, Bytes, Out) ->
    Desc = description(Tfm),
    Result = crypto_shash_digest(Desc, Data, Bytes, Out),
    vbeam_ko_memory:free(Desc),
    Result.
alg_of_desc(Desc) -> algorithm_of(vbeam_ko_memory:get(Desc, shash_desc, tfm)).

%% A counter of big-endian bytes.
crypto_inc(Counter, Bytes) ->
    Value = binary:decode_unsigned(<<0, (vbeam_ko_memory:read(Counter, Bytes))/binary>>),
    vbeam_ko_memory:write(Counter, <<(Value + 1):(Bytes * 8)>>).

%% --- ciphers and compressors of one call -----------------------------------------------------

%% A block encrypted or decrypted by a cipher that works on blocks.
-spec cipher(encrypt | decrypt, binary(), binary(), binary()) -> {ok, binary()} | {error, term()}.
cipher(Direction, Name, Key, Block) ->
    case find(crypto_alg, Name) of
        none -> {error, enoent};
        Alg -> with_transform(Alg, fun(Tfm) -> cipher(Direction, Alg, Tfm, Key, Block) end)
    end.

cipher(Direction, Alg, Tfm, Key, Block) ->
    Field = case Direction of encrypt -> cia_encrypt; decrypt -> cia_decrypt end,
    Set = union(Alg, cipher_alg, cia_setkey),
    Code = vbeam_ko_memory:with(Key, fun(At) ->
        result(vbeam_ko_machine:call(Set, [Tfm, At, byte_size(Key)]))
    end),
    case Code of
        0 ->
            Out = vbeam_ko_memory:zeroed(byte_size(Block)),
            vbeam_ko_memory:with(Block, fun(In) ->
                vbeam_ko_machine:call(union(Alg, cipher_alg, Field), [Tfm, Out, In])
            end),
            Result = vbeam_ko_memory:read(Out, byte_size(Block)),
            vbeam_ko_memory:free(Out),
            {ok, Result};
        Error ->
            {error, Error}
    end.

%% Data compressed or decompressed into at most so many bytes.
-spec compress(compress | decompress, binary(), binary(), pos_integer()) ->
    {ok, binary()} | {error, term()}.
compress(Direction, Name, Data, Most) ->
    Field = case Direction of compress -> coa_compress; decompress -> coa_decompress end,
    case find(crypto_alg, Name) of
        none ->
            {error, enoent};
        Alg ->
            with_transform(Alg, fun(Tfm) ->
                Out = vbeam_ko_memory:allocate(Most),
                Size = vbeam_ko_memory:copy(<<Most:32/little>>, 4),
                Code = vbeam_ko_memory:with(Data, fun(In) ->
                    Arguments = [Tfm, In, byte_size(Data), Out, Size],
                    result(vbeam_ko_machine:call(union(Alg, compress_alg, Field), Arguments))
                end),
                Result = case Code of
                    0 -> {ok, vbeam_ko_memory:read(Out, min(Most, vbeam_ko_memory:read_u32(Size)))};
                    Error -> {error, Error}
                end,
                [vbeam_ko_memory:free(Each) || Each <- [Out, Size]],
                Result
            end)
    end.

union(Alg, Kind, Field) ->
    Offset = vbeam_ko_interface:offset(crypto_alg, cra_u),
    vbeam_ko_memory:get(Alg + Offset, Kind, Field).

with_transform(Alg, Do) ->
    Context = vbeam_ko_memory:get(Alg, crypto_alg, cra_ctxsize),
    Tfm = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(crypto_tfm) + Context + 64),
    vbeam_ko_memory:set(Tfm, crypto_tfm, '__crt_alg', Alg),
    Started = case vbeam_ko_memory:get(Alg, crypto_alg, cra_init) of
        0 -> 0;
        Init -> result(vbeam_ko_machine:call(Init, [Tfm]))
    end,
    case Started of
        0 ->
            Result = Do(Tfm),
            crypto_destroy_tfm(Tfm, Tfm),
            Result;
        Error ->
            vbeam_ko_memory:free(Tfm),
            {error, Error}
    end.
