"""CT and MR volumes: series of DICOM files and NIfTI files become pictures.

volume     a volume, from wherever it comes
series     DICOM files to series in the order of their slices
guards     what must not become a benchmark unseen
nifti      NIfTI files
cases      a table of reports and a folder of volumes to cases
"""
