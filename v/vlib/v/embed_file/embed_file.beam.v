// The type of what `$embed_file` gives, under the name that V programs know it by.
module embed_file

pub type EmbedFileData = EmbeddedFile__
