-module(nbody).
-export([main/0]).

-define(SOLAR_MASS, 39.47841760435743).
-define(YEAR, 365.24).

bodies() ->
    [
        {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ?SOLAR_MASS},
        {4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
            0.00166007664274403694 * ?YEAR, 0.00769901118419740425 * ?YEAR,
            -0.0000690460016972063023 * ?YEAR, 0.000954791938424326609 * ?SOLAR_MASS},
        {8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
            -0.00276742510726411048 * ?YEAR, 0.00499852801234917238 * ?YEAR,
            0.0000230417297573763929 * ?YEAR, 0.000285885980666130812 * ?SOLAR_MASS},
        {12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
            0.00296460137564761618 * ?YEAR, 0.00237847173959480950 * ?YEAR,
            -0.0000296589568540237556 * ?YEAR, 0.0000436624404335156298 * ?SOLAR_MASS},
        {15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
            0.00268067772490389322 * ?YEAR, 0.00162824170038242295 * ?YEAR,
            -0.0000951592254519715870 * ?YEAR, 0.0000515138902046611451 * ?SOLAR_MASS}
    ].

advance([], _) ->
    [];
advance([A | Rest], Dt) ->
    {{X, Y, Z, Vx, Vy, Vz, Mass}, Others} = pull(A, Rest, Dt, []),
    Moved = {X + Dt * Vx, Y + Dt * Vy, Z + Dt * Vz, Vx, Vy, Vz, Mass},
    [Moved | advance(Others, Dt)].

pull(A, [], _, Done) ->
    {A, lists:reverse(Done)};
pull({X, Y, Z, Vx, Vy, Vz, Mass}, [{Xb, Yb, Zb, Vxb, Vyb, Vzb, Massb} | Rest], Dt, Done) ->
    Dx = X - Xb,
    Dy = Y - Yb,
    Dz = Z - Zb,
    Distance = Dx * Dx + Dy * Dy + Dz * Dz,
    Magnitude = Dt / (Distance * math:sqrt(Distance)),
    Pull = Massb * Magnitude,
    Push = Mass * Magnitude,
    B = {Xb, Yb, Zb, Vxb + Dx * Push, Vyb + Dy * Push, Vzb + Dz * Push, Massb},
    Next = {X, Y, Z, Vx - Dx * Pull, Vy - Dy * Pull, Vz - Dz * Pull, Mass},
    pull(Next, Rest, Dt, [B | Done]).

energy([]) ->
    0.0;
energy([{X, Y, Z, Vx, Vy, Vz, Mass} | Rest]) ->
    Own = 0.5 * Mass * (Vx * Vx + Vy * Vy + Vz * Vz),
    lists:foldl(
        fun({Xb, Yb, Zb, _, _, _, Massb}, E) ->
            Dx = X - Xb,
            Dy = Y - Yb,
            Dz = Z - Zb,
            E - Mass * Massb / math:sqrt(Dx * Dx + Dy * Dy + Dz * Dz)
        end,
        Own,
        Rest
    ) + energy(Rest).

run(0, System) -> System;
run(N, System) -> run(N - 1, advance(System, 0.01)).

main() -> io:format("~.9f~n", [energy(run(20000, bodies()))]).
