"""Words as the vocabulary knows them: singular and American."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_IRREGULAR: Final = {
    "metastases": "metastasis", "stenoses": "stenosis", "vertebrae": "vertebra",
    "diverticula": "diverticulum", "calculi": "calculus", "emboli": "embolus", "thrombi": "thrombus",
    "foci": "focus", "hila": "hilum", "bronchi": "bronchus", "nuclei": "nucleus", "septa": "septum",
    "bullae": "bulla", "pneumothoraces": "pneumothorax", "apices": "apex", "calyces": "calyx",
    "calices": "calyx", "gyri": "gyrus", "sulci": "sulcus", "thalami": "thalamus",
    "atelectases": "atelectasis", "prostheses": "prosthesis", "anastomoses": "anastomosis",
    "cortices": "cortex", "menisci": "meniscus", "labra": "labrum", "ova": "ovum", "testes": "testis",
    "recti": "rectus",
    "fistulae": "fistula", "striae": "stria", "scleroses": "sclerosis", "calibre": "caliber", "grey": "gray",
    "centre": "center", "litre": "liter", "anaemia": "anemia", "fibre": "fiber", "foetal": "fetal",
    "dilation": "dilatation", "dilations": "dilatation", "disks": "disc", "disk": "disc",
    "lateralised": "lateralized", "localised": "localized", "visualised": "visualized",
    "leukaemia": "leukemia", "caecum": "cecum", "caecal": "cecal", "indices": "index", "axes": "axis",
    "crises": "crisis", "diagnoses": "diagnosis", "necroses": "necrosis", "varices": "varix",
    "bronchiectases": "bronchiectasis", "halves": "half", "calves": "calf", "appendices": "appendix",
    "series": "series", "pons": "pons", "lens": "lens", "does": "does", "feet": "foot", "women": "woman",
    "bias": "bias", "atlas": "atlas", "dens": "dens", "stigmata": "stigma", "colour": "color",
    "metre": "meter", "meninges": "meninges", "pancreas": "pancreas", "ascites": "ascites",
    "herpes": "herpes", "diabetes": "diabetes", "facies": "facies",
    # Typos that are met often, of two letters or in a short word.
    "assymetric": "asymmetric", "assymetrical": "asymmetrical", "assymetry": "asymmetry",
    "assymmetric": "asymmetric", "asymetric": "asymmetric", "singal": "signal", "siganl": "signal",
    "lesin": "lesion", "leison": "lesion", "cytoxic": "cytotoxic", "abdomenal": "abdominal",
    "acetabuli": "acetabulum", "dimunitive": "diminutive", "dimunuitive": "diminutive",
    # Verbs and a plural whose last letter tells: 'rules out' denies, 'rule out' asks.
    "rules": "rules", "excludes": "excludes", "argues": "argues", "speaks": "speaks", "patients": "patients",
    "pres": "pres", "remains": "remains", "causes": "causes", "occurs": "occurs", "presents": "presents",
}  # fmt: skip
_BRITISH: Final = (
    ("haem", "hem"),
    ("oedem", "edem"),
    ("oesoph", "esoph"),
    ("tumour", "tumor"),
    ("paed", "ped"),
)


# Texts have few distinct words, many times.
@lru_cache(maxsize=50_000)
def canonical(word: str) -> str:
    """Return the form of a token that the vocabulary uses: 'haemorrhages' gives 'hemorrhage'."""
    known = _IRREGULAR.get(word)
    if known is not None:
        return known
    for british, american in _BRITISH:
        if british in word:
            return canonical(word.replace(british, american))
    if word.endswith("omata"):
        return word[:-2]
    if len(word) < 4 or word[-1] != "s" or word.endswith(("ss", "us", "is", "ous")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
