%% Flags of struct termios (asm-generic/termbits.h).
-record(termios, {
    input = 8#2400 :: non_neg_integer(),
    output = 8#5 :: non_neg_integer(),
    control = 8#277 :: non_neg_integer(),
    local = 8#105073 :: non_neg_integer(),
    discipline = 0 :: byte(),
    %% NCCS bytes: what each V* below stands for.
    characters = <<3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0>> :: binary()
}).

-define(BRKINT, 8#2).
-define(INLCR, 8#100).
-define(IGNCR, 8#200).
-define(ICRNL, 8#400).
-define(ISTRIP, 8#40).
-define(IUCLC, 8#1000).
-define(IXON, 8#2000).
-define(IXANY, 8#4000).
-define(IMAXBEL, 8#20000).
-define(IUTF8, 8#40000).

-define(OPOST, 8#1).
-define(OLCUC, 8#2).
-define(ONLCR, 8#4).
-define(OCRNL, 8#10).
-define(ONOCR, 8#20).
-define(ONLRET, 8#40).
-define(XTABS, 8#14000).

-define(ISIG, 8#1).
-define(ICANON, 8#2).
-define(ECHO, 8#10).
-define(ECHOE, 8#20).
-define(ECHOK, 8#40).
-define(ECHONL, 8#100).
-define(NOFLSH, 8#200).
-define(TOSTOP, 8#400).
-define(ECHOCTL, 8#1000).
-define(ECHOPRT, 8#2000).
-define(ECHOKE, 8#4000).
-define(IEXTEN, 8#100000).

-define(VINTR, 0).
-define(VQUIT, 1).
-define(VERASE, 2).
-define(VKILL, 3).
-define(VEOF, 4).
-define(VTIME, 5).
-define(VMIN, 6).
-define(VSTART, 8).
-define(VSTOP, 9).
-define(VSUSP, 10).
-define(VEOL, 11).
-define(VREPRINT, 12).
-define(VWERASE, 14).
-define(VLNEXT, 15).
-define(VEOL2, 16).
