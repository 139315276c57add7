"""CT and MR volumes: series of DICOM files and NIfTI files become pictures.

volume     a volume, from wherever it comes
series     DICOM files to series, a series to a volume
frames     a DICOM file to its slices: values and places
decode     the stored pixels of a DICOM file
order      slices in the order in which they lie
guards     what must not become a benchmark unseen
nifti      NIfTI files
phantom_file   a DICOM file of drawn values
cases      a table of reports and a folder of volumes to cases
"""
