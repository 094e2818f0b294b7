"""An archive: one zip file with a study, which others can check, train again, import, and list in a collection.

An archive is an RO-Crate 1.1 (https://w3id.org/ro/crate/1.1):

    ro-crate-metadata.json           list of the contents, as JSON-LD
    manifest-sha256.txt              SHA-256 of every other file; `sha256sum -c` reads it
    README.md, references.bib        description, methods and licences of the data; papers
    results/STUDY/                   plan, manifest, tables, figures, page, runs with model cards
    results/data/DATA/manifest.json  source, licence and digest of a data set, without the images
    results/store/xx/KEY/receipt.json  SHA-256 of a run's files; KEY is the run's key in the store
    components/DIGEST/FILE.py        users' own components; DIGEST is the digest of the component, or "figures"
    config/published/FILE.yaml       numbers from papers, which the tables show
"""
