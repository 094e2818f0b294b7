"""A study for a folder of pictures: what the folder holds, how fast this machine is, and a commented study file.

look    count, sizes, colour, broken files, duplicates, classes
recipe  the variants, tricks and steps that suit the number of pictures and the minutes
write   the study file with its reasons
"""
