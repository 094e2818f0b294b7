"""Logs on which the field detector, which reads only the losses, is wrong: id of a log -> what its curves show."""

CASES = {
    "chainer_dcgan32": (
        "D's loss ends near 0.09 and G's near 13, about as in chainer_dcgan64_selebA, which collapsed; the samples "
        "of this run are varied"
    ),
    "chainer_dcgan64": (
        "D's loss ends near 0.07 and G's near 12, about as in chainer_dcgan64_selebA, which collapsed; the samples "
        "of this run are varied"
    ),
    "mc_64_ll_mb": (
        "D's loss ends at a median of 0.2 with spikes of up to 4, as in many failures; the author of the run calls "
        "the samples diverse"
    ),
    "thread_bmsg_relativistic_hinge_ok": (
        "D's loss is zero in 20 of 22 rows, which means a failure with most loss functions; with a relativistic hinge "
        "loss this run trains well, and no other log has this loss"
    ),
    "dlai_a_dcgan": (
        "in 15 rows D's loss falls from 0.57 to 0.23 and G's rises from 1.0 to 2.4: the trends of a failure, but the "
        "levels of a fine run; the samples are 25 equal pictures"
    ),
    "mnist_u_dcgan": (
        "D's loss ends near 0.3 and G's near 3 without a trend, as in fine runs; the samples are noise up to epoch "
        "120, then a few speckled shapes"
    ),
    "studiogan_tiny_imagenet_adagan_c_20210216154120": (
        "other terms raise both losses to about 5 and hide their adversarial part; FID is best at row 120 of 640, and "
        "neither loss changes its course there"
    ),
    "studiogan_tiny_imagenet_icrgan_c_20210103121156": (
        "other terms raise both losses to about 5 and hide their adversarial part; when FID rises at row 640 of "
        "1,000, the only change is that the spread of G's loss shrinks, as in about half of the known logs"
    ),
    "tfgan_dragan": (
        "the log has only 20 rows, and D is a critic, so the level of D's loss means nothing; both curves level "
        "off as in fine runs, but the samples are white blobs"
    ),
    "tfgan_lsgan": "in 20 rows both losses settle near their equilibrium, but the samples are dark blobs",
    "thread_tutorial_mode_collapse": (
        "after a jump, the 10 rows end with D's loss at 0.9 and G's at 1.4, levels that fine runs have too; the "
        "latent vector has only one number"
    ),
}
