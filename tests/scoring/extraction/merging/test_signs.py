"""A sign that has a name is a finding beside the disease that it is of."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.compare import GENERAL, compared
from medbench.scoring.matching.pair import Pair

BOTH = [
    ("The appendix is dilated, consistent with appendicitis.", {"appendicitis", "enlarged appendix"}),
    ("There are intimal flap and dissection of the aorta.", {"aortic dissection", "intimal flap"}),
    ("Split pleura sign, consistent with empyema.", {"empyema", "split pleura sign"}),
    (
        "Low-lying cerebellar tonsils. Findings are consistent with a Chiari malformation.",
        {"chiari malformation", "low cerebellar tonsils"},
    ),
    (
        "Serpentine flow voids in the occipital lobe. This is an arteriovenous malformation.",
        {"arteriovenous malformation", "serpentine flow void"},
    ),
    ("Double bubble sign. Duodenal atresia.", {"double bubble sign", "duodenal atresia"}),
    (
        "Subperiosteal resorption of the phalanges in hyperparathyroidism.",
        {"hyperparathyroidism", "subperiosteal resorption"},
    ),
    ("The liver has a nodular contour, in keeping with cirrhosis.", {"cirrhosis", "nodular liver contour"}),
    ("Nodular liver contour. Cirrhosis.", {"cirrhosis", "nodular liver contour"}),
    ("An empty delta sign in venous sinus thrombosis.", {"empty delta sign", "venous sinus thrombosis"}),
    ("Inversion of the SMV and SMA. Malrotation.", {"malrotation", "reversed smv and sma"}),
    (
        "Parallel lateral ventricles and agenesis of the corpus callosum.",
        {"corpus callosum agenesis", "parallel lateral ventricles"},
    ),
    (
        "The third ventricle is elevated. The corpus callosum is absent.",
        {"corpus callosum agenesis", "high riding third ventricle"},
    ),
    (
        "Double PCL sign. There is a bucket-handle tear of the medial meniscus.",
        {"bucket handle tear", "double pcl sign"},
    ),
    ("Puff of smoke appearance. Moyamoya disease.", {"moyamoya disease", "puff of smoke"}),
    (
        "Gyriform calcification, typical of Sturge-Weber syndrome.",
        {"gyriform calcification", "sturge weber syndrome"},
    ),
    ("A boot-shaped heart in tetralogy of Fallot.", {"boot shaped heart", "tetralogy of fallot"}),
    ("Linguine sign. Implant rupture.", {"implant rupture", "linguine sign"}),
    ("Syndesmophytes in ankylosing spondylitis.", {"ankylosing spondylitis", "syndesmophyte"}),
    ("Bird beak narrowing. Achalasia.", {"achalasia", "bird beak"}),
    ("Double density sign. Left atrial enlargement.", {"double density sign", "left atrial enlargement"}),
    (
        "Subchondral collapse with osteonecrosis of the femoral head.",
        {"avascular necrosis", "subchondral collapse"},
    ),
    ("The fat pad sign is present. There is a joint effusion.", {"fat pad sign", "joint effusion"}),
    (
        "Transition point in the ileum. Small bowel obstruction.",
        {"small bowel obstruction", "transition point"},
    ),
    ("Caput medusae. Developmental venous anomaly.", {"caput medusae", "developmental venous anomaly"}),
    ("Midline shift with subfalcine herniation.", {"midline shift", "subfalcine herniation"}),
    ("Uncal herniation and tonsillar herniation.", {"tonsillar herniation", "uncal herniation"}),
    ("The pyloric muscle is thickened. Pyloric stenosis.", {"pyloric stenosis", "thickened pylorus"}),
    ("Situs inversus, with the stomach bubble on the right.", {"right sided stomach", "situs inversus"}),
]


@pytest.mark.parametrize(("text", "names"), BOTH)
def test_the_sign_and_its_disease_are_two(text: str, names: set[str]) -> None:
    """None of them is taken for another word for the other."""
    assert names <= {finding.concept.name for finding in extract(text)}


@pytest.mark.parametrize(("text", "names"), BOTH[:4])
def test_the_sign_stands_for_its_disease_as_a_general_word_does(text: str, names: set[str]) -> None:
    """An output that names the one where the reference names the other is nearly right."""
    by_name = {finding.concept.name: finding for finding in extract(text) if finding.concept.name in names}
    first, second = (finding._replace(places=(), side="") for finding in by_name.values())
    for pair in (compared(first, second), compared(second, first)):
        assert isinstance(pair, Pair)
        assert pair.credit == GENERAL
