%% What stat(2) tells of a file. Times are nanoseconds since 1970.
-record(stat, {
    device = 0 :: non_neg_integer(),
    inode = 0 :: non_neg_integer(),
    %% Type and permissions (S_IFMT and the rest).
    mode = 0 :: non_neg_integer(),
    links = 1 :: non_neg_integer(),
    user = 0 :: non_neg_integer(),
    group = 0 :: non_neg_integer(),
    %% The device that the file stands for: vbeam_linux_stat:device(Major, Minor).
    rdev = 0 :: non_neg_integer(),
    size = 0 :: non_neg_integer(),
    accessed = 0 :: integer(),
    modified = 0 :: integer(),
    changed = 0 :: integer()
}).
