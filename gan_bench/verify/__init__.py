"""Whether a stored study is what it was when it was made, and whether its runs come out again."""
