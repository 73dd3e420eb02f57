"""The rule of the answers that spans rows: who carries whose criterion, through chains.

An answer may say that an infrastructure service carries the criterion (``porte_par``); that service's answer
may in turn be carried. Both the ingestion (which refuses cycles) and the scoring (which follows the chains)
need the same reading of it; it lives beside the contract.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

NON_TRANSMIS = "niveau non transmis par le porteur"
SANS_REPONSE = "porteur sans réponse"
NON_APPLICABLE = "porteur : non applicable"

CHAINS_SCHEMA = pl.Schema(
    {
        "service": pl.String,
        "critere": pl.String,
        "ancetre": pl.String,
        "porteur": pl.String,
        "motif": pl.String,
    }
)


@dataclass(frozen=True)
class Chains:
    """What the links of the answers come to.

    Attributes:
        closure: columns of :data:`CHAINS_SCHEMA`. For a carried answer whose chain ends in a level: one row
            per member of its chain (``ancetre``: the service itself, then each carrier up to the last,
            ``porteur``), ``motif`` null. For another: one row with ``ancetre`` null and the reason.
        cycles: each cycle as (criterion, services in the order of the links, the smallest first).
        en_cycle: (service, critere) of every answer that is in a cycle or leads to one.
    """

    closure: pl.DataFrame
    cycles: list[tuple[str, list[str]]]
    en_cycle: pl.DataFrame


def chains(reponses: pl.DataFrame) -> Chains:
    """Follow the ``porte_par`` links of the answers.

    Args:
        reponses: ``service``, ``critere``, ``niveau`` (null unless answered by a level), ``non_applicable``,
            ``porte_par`` (null unless carried), ``transmis`` (the answer's own service passes its level on);
            at least the carried answers and those that carry them. One row per (service, critere).

    Returns:
        The closure, and the cycles (whose answers are absent from the closure).
    """
    links = reponses.filter(pl.col("porte_par").is_not_null()).select("service", "critere", "porte_par")
    carriers = reponses.select(
        porte_par="service",
        critere="critere",
        passes=pl.col("transmis"),
        answered=pl.when("non_applicable")
        .then(pl.lit(NON_APPLICABLE))
        .when(pl.col("niveau").is_not_null())
        .then(pl.lit("niveau"))
        .when(pl.col("porte_par").is_not_null())
        .then(pl.lit("lien")),
    )
    pending = links.join(carriers, on=["porte_par", "critere"], how="left", maintain_order="left")
    first = pending.with_columns(
        motif=pl.when(~pl.col("passes"))
        .then(pl.lit(NON_TRANSMIS))
        .when(pl.col("answered").is_null())
        .then(pl.lit(SANS_REPONSE))
        .when(pl.col("answered") == NON_APPLICABLE)
        .then(pl.lit(NON_APPLICABLE))
    )
    # Peel from the ends of the chains: an answer settles once its carrier has settled. What never settles
    # is in a cycle, or hangs on one.
    ended = pl.col("motif").is_not_null() | (pl.col("answered") == "niveau")
    itself = pl.concat_list("service", "porte_par")
    layer = first.filter(ended).select(
        "service",
        "critere",
        chaine=pl.when(pl.col("motif").is_null()).then(itself),
        motif="motif",
    )
    waiting = first.filter(~ended).select("service", "critere", "porte_par")
    settled = [layer]
    while waiting.height and layer.height:
        above = layer.select(porte_par="service", critere="critere", au_dessus="chaine", motif="motif")
        found = waiting.join(above, on=["porte_par", "critere"], how="inner", maintain_order="left")
        layer = found.select(
            "service",
            "critere",
            chaine=pl.when(pl.col("motif").is_null()).then(pl.concat_list("service", "au_dessus")),
            motif="motif",
        )
        waiting = waiting.join(layer.select("service", "critere"), on=["service", "critere"], how="anti")
        settled.append(layer)
    closure = (
        pl.concat(settled)
        .with_columns(porteur=pl.col("chaine").list.last())
        .explode("chaine")
        .select("service", "critere", ancetre="chaine", porteur="porteur", motif="motif")
        .cast(CHAINS_SCHEMA)
    )
    return Chains(closure, _cycles(waiting), waiting.select("service", "critere"))


def _cycles(waiting: pl.DataFrame) -> list[tuple[str, list[str]]]:
    """The cycles themselves among the answers that never settle."""
    carrier = {(critere, service): above for service, critere, above in waiting.iter_rows()}
    seen: set[tuple[str, str]] = set()
    found = []
    for critere, start in sorted(carrier):
        path: dict[str, int] = {}
        service = start
        while (critere, service) not in seen and service not in path:
            path[service] = len(path)
            service = carrier[critere, service]
        if service in path:
            loop = [name for name, rank in path.items() if rank >= path[service]]
            least = loop.index(min(loop))
            found.append((critere, loop[least:] + loop[:least]))
        seen.update((critere, name) for name in path)
    return found


def cycle_text(critere: str, services: list[str]) -> str:
    """A cycle in words: ``A → B → A (critère A05.1)``."""
    return f"{' → '.join([*services, services[0]])} (critère {critere})"
