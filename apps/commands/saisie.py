"""``obs saisie``: the entry of Convergence, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import click
import polars as pl

from apps.commands.french import Group
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from apps.commands.query import DAY
from apps.commands.saisie_outils import Outils
from apps.commands.saisie_retards import retards_command
from apps.saisie import cloture, publication, referentiels
from apps.saisie.calcul import etat_des_feuilles
from apps.saisie.editeurs import ranger
from lake.droits_saisie import ROLES
from lake.errors import ContractError, LakeError
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.store.saisie import acteurs, lots, sceaux, services
from lake.store.saisie.acteurs import acteur
from lake.store.saisie.apports import Charge
from lake.store.saisie.validation import valider_tout
from lake.tables import Lake
from scoring.saisie.referentiel import Referentiel
from scoring.saisie.volets import INDUSTRIELS, REGIONS, Reunion, version_de

_SAID = 20
"""Refused lines that are named; the others are counted."""


utilisateur = click.option(
    "--utilisateur",
    metavar="E-MAIL",
    help="Agit avec les habilitations de ce compte (défaut : l'exploitant).",
)
VOLET = click.option(
    "--volet",
    type=click.Choice([REGIONS, INDUSTRIELS]),
    default=REGIONS,
    show_default=True,
    help="Services des régions, ou produits des éditeurs.",
)
FORMAT = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help=FORMATS_HELP
)


def premiere_reprise(settings: Settings, outils: Outils, work: Callable[[Store, str], int]) -> list[str]:
    """Take the last closed campaigns up again, of the regions and of the products, let people work on them, publish.

    What is in the entry already stays: one that was interrupted is taken up where it was.

    Args:
        settings: the lake and the store.
        outils: what the composition root gives.
        work: what people do of it (the store, the version of the questions): how many sheets moved.

    Returns:
        What was done, in French; nothing where no campaign is closed.
    """
    lake = Lake(settings)
    store = open_store(settings)
    try:
        known = referentiel_de(lake, outils)
        days = publication.closes(lake.snapshot().scan)
        if not days:
            return []
        done, _ = cloture.reprendre(lake, store, days[-1], known)
        theirs = publication.closes(lake.snapshot().scan, INDUSTRIELS)
        products = cloture.reprendre(lake, store, theirs[-1], known, INDUSTRIELS)[0].services if theirs else 0
        moved = work(store, known.version)
        publication.publier(lake, store, toujours=True)
    finally:
        store.close()
    return [
        f"Saisie de démonstration : campagne du {days[-1]:%d/%m/%Y} reprise, {done.services} services et {products} "
        f"produits d'éditeurs, {moved} feuilles en mouvement dans le Grand Est ; campagne en cours publiée."
    ]


@contextmanager
def opened() -> Iterator[tuple[Lake, Store]]:
    """The lake and the store that the environment names."""
    settings = Settings.from_env()
    store = open_store(settings)
    try:
        yield Lake(settings), store
    finally:
        store.close()


def referentiel_de(lake: Lake, outils: Outils) -> Referentiel:
    """The version in force; where none was ever published, the one that comes with the software is."""
    if referentiels.versions(lake.snapshot().scan).is_empty():
        referentiels.publier(lake, outils.livre(), None)
    return referentiels.en_vigueur_partout(lake.snapshot().scan, publication.aujourdhui())


def numeros(store: Store) -> dict[str, int]:
    """Code of each service -> its number."""
    return {one["code"]: one["id"] for one in services.tous(store)}


def _tell(refused: list[str]) -> None:
    for line in refused[:_SAID]:
        click.echo(f"attention : {line}", err=True)
    if len(refused) > _SAID:
        click.echo(f"attention : {len(refused)} refus en tout.", err=True)


def _file(
    name: str, words: str, *, required: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        f"--{name}",
        type=click.Path(dir_okay=False, path_type=Path),
        required=required,
        help=f"Fichier {words}.",
    )


def saisie_group(outils: Outils) -> click.Group:
    """The ``saisie`` group."""

    @click.group("saisie", cls=Group)
    def group() -> None:
        """La saisie de Convergence : charger, valider, publier, arrêter, reprendre, vérifier."""

    @group.command("charger")
    @_file("services", "des services", required=True)
    @_file("reponses", "des réponses", required=True)
    @_file("usages", "des valeurs des critères d'usage")
    @_file("plans", "des plans")
    @_file("preliminaires", "des questions préliminaires")
    @_file("solutions", "des solutions")
    @utilisateur
    @click.option("--essai", is_flag=True, help="Dit ce qui serait chargé, sans rien écrire.")
    def charger(essai: bool, utilisateur: str | None, **files: Path | None) -> None:
        """Charge des fichiers en brouillons. Ce qui est refusé est dit ligne par ligne ; le reste est gardé."""
        given = {name: path for name, path in files.items() if path is not None}
        with opened() as (lake, store):
            known = referentiel_de(lake, outils)
            lot, refused = outils.lire(given, known)
            if (lot.services["kind"] == "produit").any() and not isinstance(known, Reunion):
                referentiels.publier(lake, outils.livre(INDUSTRIELS), None)  # the first products of all
                known = referentiel_de(lake, outils)
            lot, unknown = ranger(store, lot, par=utilisateur, essai=essai)
            done = lots.charger(store, lot, known.questionnaires, par=utilisateur, essai=essai)
        _tell([*refused, *unknown, *done.refus])
        click.echo(_loaded(done, essai))

    @group.command("valider")
    @click.option("--service", metavar="CODE", help="Ce service seulement.")
    @click.option("--tout", is_flag=True, help="Tous les brouillons.")
    @utilisateur
    def valider(service: str | None, tout: bool, utilisateur: str | None) -> None:
        """Valide les brouillons : chaque feuille devient une version scellée."""
        if (service is None) == (not tout):
            raise LakeError("Dites quoi valider.", conseil="--service CODE, ou --tout.")
        with opened() as (lake, store):
            known = referentiel_de(lake, outils)
            written, refused = valider_tout(
                store, par=utilisateur, version_referentiel=partial(version_de, known), service=service
            )
        _tell(refused)
        if refused and not written:
            raise LakeError(f"Aucune feuille validée : {refused[0]}")
        click.echo(f"Feuilles validées : {written}.")

    @group.command("habiliter")
    @click.option(
        "--service", metavar="CODE", required=True, help="Service ; le système d'information vaut sa région."
    )
    @click.option("--utilisateur", metavar="E-MAIL", required=True, help="À qui.")
    @click.option("--role", type=click.Choice(list(ROLES)), required=True, help="Rôle.")
    @click.option(
        "--questionnaire", "questionnaires", multiple=True, help="Ce questionnaire seulement ; répétable."
    )
    @click.option("--peut-valider", is_flag=True, help="Valide aussi.")
    @click.option("--peut-deleguer", is_flag=True, help="Donne des habilitations à son tour.")
    @click.option("--retirer", is_flag=True, help="Retire cette habilitation.")
    def habiliter(
        service: str,
        utilisateur: str,
        role: str,
        questionnaires: tuple[str, ...],
        peut_valider: bool,
        peut_deleguer: bool,
        retirer: bool,
    ) -> None:
        """Donne (ou retire) une habilitation sur un service, ou sur tout un système d'information."""
        with opened() as (_, store):
            number = services.de_code(store, service)["id"]
            compte = accounts.find(store, utilisateur)
            if compte is None:
                raise LakeError(f"Aucun compte « {utilisateur} ».", conseil="Les comptes : obs user list.")
            if retirer:
                acteurs.retirer(store, compte.id, number, role, par=None)
            else:
                acteurs.donner(
                    store,
                    compte.id,
                    number,
                    role,
                    par=None,
                    questionnaires=questionnaires or None,
                    peut_valider=peut_valider,
                    peut_deleguer=peut_deleguer,
                )
        click.echo(f"{compte.email} : {ROLES[role]} sur {service}" + (", retiré." if retirer else "."))

    @group.command("publier")
    def publier() -> None:
        """Publie la campagne en cours dans le lac, tout de suite (le serveur le fait de lui-même)."""
        with opened() as (lake, store):
            referentiel_de(lake, outils)
            done = publication.publier(lake, store)
        _aside(done.ecartees)
        what = f"{done.services} services, {done.reponses} réponses, {done.etapes} étapes"
        if done.faite:
            click.echo(f"Campagne en cours publiée au {done.campagne:%d/%m/%Y} : {what}.")
        else:
            click.echo(f"Rien n'a changé depuis la dernière publication ({done.campagne:%d/%m/%Y}) : {what}.")

    @group.command("arreter")
    @click.option("--date", "jour", type=DAY, required=True, help="Date de la campagne.")
    @VOLET
    def arreter(jour: datetime, volet: str) -> None:
        """Arrête une campagne : ce qui est validé à cette date passe par l'ingestion, comme des fichiers livrés."""
        with opened() as (lake, store):
            referentiel_de(lake, outils)
            for line in cloture.arreter(lake, store, jour.date(), outils.clore, volet):
                click.echo(line)

    @group.command("reprendre")
    @click.option("--campagne", type=DAY, required=True, help="Campagne close à reprendre.")
    @VOLET
    def reprendre(campagne: datetime, volet: str) -> None:
        """Reprend une campagne close : ses réponses comptent, et restent à confirmer."""
        with opened() as (lake, store):
            known = referentiel_de(lake, outils)
            done, written = cloture.reprendre(lake, store, campagne.date(), known, volet)
        _tell(done.refus)
        click.echo(
            f"Campagne du {campagne:%d/%m/%Y} reprise : {done.services} services, {done.reponses} réponses, "
            f"{done.etapes} étapes, {written} feuilles, à confirmer."
        )

    @group.command("etat")
    @utilisateur
    @FORMAT
    def etat(utilisateur: str | None, form: str) -> None:
        """Où en est la saisie : une ligne par feuille."""
        with opened() as (lake, store):
            known = referentiel_de(lake, outils)
            found = etat_des_feuilles(store, known, acteur(store, utilisateur), numeros(store))
        emit(found, form)

    @group.command("exporter")
    @click.option(
        "--classeur",
        "path",
        type=click.Path(dir_okay=False, path_type=Path),
        required=True,
        help="Classeur XLSX.",
    )
    @click.option("--service", metavar="CODE", help="Ce service seulement.")
    @utilisateur
    def exporter(path: Path, service: str | None, utilisateur: str | None) -> None:
        """Écrit les brouillons dans un classeur, à remplir puis à importer."""
        from apps.saisie import tableur

        with opened() as (lake, store):
            known = referentiel_de(lake, outils)
            count = tableur.exporter(store, known, path, par=utilisateur, service=service)
        click.echo(f"{path} : {count} lignes.")

    @group.command("importer")
    @click.argument(
        "path", metavar="CLASSEUR", type=click.Path(dir_okay=False, path_type=Path), help="Classeur XLSX."
    )
    @utilisateur
    @click.option("--essai", is_flag=True, help="Dit ce qui changerait, sans rien écrire.")
    @click.option(
        "--format", "form", type=click.Choice(["texte", "json"]), default="texte", show_default=True,
        help="Forme du compte rendu.",
    )  # fmt: skip
    def importer(path: Path, utilisateur: str | None, essai: bool, form: str) -> None:
        """Lit un classeur exporté, en brouillons ; les conflits et refus sont dits par cellule."""
        from apps.saisie import tableur

        with opened() as (lake, store):
            known = referentiel_de(lake, outils)
            found = tableur.importer(store, known, path, par=utilisateur, essai=essai)
        if form == "json":
            click.echo(json.dumps(found, ensure_ascii=False))
            return
        _tell([f"{one['cellule']} : {one['raison']}" for one in found["refuses"]])
        _tell([f"{one['cellule']} : {one['raison']}" for one in found["conflits"]])
        click.echo(
            f"{found['inchanges']} inchangées, {found['modifies']} modifiées, {len(found['conflits'])} en conflit, "
            f"{len(found['refuses'])} refusées."
        )

    @group.command("verifier")
    def verifier() -> None:
        """Recalcule chaque sceau : une version touchée est nommée."""
        with opened() as (_, store):
            count, wrong = sceaux.verifier(store)
        for line in wrong:
            click.echo(line)
        if wrong:
            raise ContractError(
                f"{len(wrong)} anomalie(s) sur {count} versions : {wrong[0]}.",
                conseil="Comparez avec une sauvegarde : obs store restore.",
            )
        click.echo(f"{count} versions vérifiées : chacune est celle qui a été validée.")

    group.add_command(retards_command(outils_referentiel=lambda lake: referentiel_de(lake, outils)))
    return group


def _loaded(done: Charge, essai: bool) -> str:
    said = (
        f"{done.services} service(s), {done.reponses} réponse(s) et {done.etapes} étape(s) "
        f"{'seraient chargées' if essai else 'chargées'} en brouillon ; {done.inchanges} inchangée(s)"
    )
    return f"{said}, {len(done.refus)} refusée(s)." if done.refus else f"{said}."


def _aside(ecartees: pl.DataFrame) -> None:
    """What was validated and is not published, counted by reason."""
    counted = (
        ecartees.group_by(motif=pl.col("motif").str.split(" : ").list.first())
        .agg(pl.len())
        .sort("len", "motif", descending=[True, False])
    )
    for why, count in counted.iter_rows():
        click.echo(f"attention : {count} mise(s) de côté : {why}", err=True)
