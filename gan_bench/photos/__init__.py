"""`gan-bench new-study`: examines a folder of pictures, times training steps, and writes a commented study file.

look    examines the folder: count, sizes, colour, broken files, duplicates, classes
recipe  chooses variants, tricks and steps for the number of pictures and the minutes
write   writes the study file with the reasons as comments
"""
