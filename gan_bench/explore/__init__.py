"""Shows what the latents and the hidden units of a trained generator encode: `gan-bench explore`.

subject      the generator, its latents, and the class of each image (its attribute), found by a classifier
attribute    the classifier: the study's classifier, or a new one fitted to labelled images of the same data set
latents      paths, sweeps of single dimensions, truncation, arithmetic of mean latents
hidden       inputs of a generator's layers, and images made with some hidden units set to zero
knock_out    units associated with an attribute, and samples with these units set to zero
sheet        rows of images as PNG and GIF
write        writes the results of all parts as files for the report page
"""
