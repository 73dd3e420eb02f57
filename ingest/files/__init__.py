"""One way to open, decode, cut and number the files that sources deliver.

* :mod:`.unpack`: archives and compressed files, within limits, as streams of bytes.
* :mod:`.delimited`: files of a few hundred megabytes at most, whole, by :mod:`lake.delimited`; or Parquet.
* :mod:`.blocks` and :mod:`.lines`: national files of gigabytes, block by block, by the same rules.
"""
