"""What the latents and the hidden units of a trained generator hold: `gan-bench explore`.

subject      the generator, its latents, and the attribute that a classifier reads from its images
attribute    the classifier: the study's, or one fitted to labelled images of the same data set
latents      paths, sweeps of single dimensions, truncation, arithmetic of mean latents
hidden       inputs of the layers of any generator, and images without some of its units
knock_out    units that go with an attribute, and samples without them
sheet        rows of images as PNG and GIF
write        all of it, as files for the report page
"""
