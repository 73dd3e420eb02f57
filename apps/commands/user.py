"""``obs user``: accounts, from the server's command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import polars as pl

from apps.acces import messages
from apps.commands.analyse_envoi import GENRE, Envoi
from apps.commands.french import Group
from apps.commands.output import FORMATS, FORMATS_HELP, emit
from apps.sas import avis, registres
from lake.droits import PROFILS, UNIVERS, Droits
from lake.errors import LakeError, SourceUnavailable, known_cause
from lake.settings import Settings
from lake.store.accounts import accounts, bulk, identity, outbox
from lake.store.accounts.identity import STATES, Compte
from lake.store.accounts.links import Genre
from lake.store.engine import Store
from lake.store.migrate import open_store
from lake.tables import Lake
from lake.words import agreed

AUTEUR = "exploitant"
"""How the journal names the person at the server's command line."""


@contextmanager
def opened() -> Iterator[Store]:
    """The store that the environment names, closed at the end."""
    store = open_store(Settings.from_env())
    try:
        yield store
    finally:
        store.close()


@click.group("user", cls=Group)
def user_group() -> None:
    """Les comptes : créer, inviter, lister, désactiver, réinitialiser, importer."""


def _found(store: Store, email: str) -> Compte:
    compte = accounts.find(store, email)
    if compte is None:
        raise LakeError(f"Aucun compte « {email.strip()} ».", conseil="Les comptes : obs user list.")
    return compte


def _link(store: Store, compte: Compte, genre: Genre) -> None:
    """Send a link, or show it."""
    try:
        shown = messages.send(store, compte, genre, auteur=AUTEUR)
    except SourceUnavailable as error:
        click.echo(f"attention : {error} Le message est gardé : obs user envoyer.", err=True)
        return
    click.echo(f"Lien à remettre à {compte.email} : {shown}" if shown else f"Lien envoyé à {compte.email}.")


@user_group.command("add")
@click.argument("email", metavar="E-MAIL", help="Adresse : l'identifiant du compte.")
@click.option(
    "--role", "profil", type=click.Choice(list(PROFILS)), default="grand_public", show_default=True,
    help="Profil.",
)  # fmt: skip
@click.option("--nom", metavar="NOM", default="", help="Nom.")
@click.option("--prenom", metavar="PRÉNOM", default="", help="Prénom.")
@click.option(
    "--organisation", metavar="NOM", default="", help="Organisation ; pour un industriel, l'éditeur."
)
@click.option("--rpps", metavar="NUMÉRO", default="", help="Numéro RPPS (onze chiffres).")
@click.option("--region", "regions", metavar="CODE", multiple=True, help="Région vue en détail ; répétable.")
@click.option("--responsable", metavar="E-MAIL", help="Compte dont celui-ci dépend.")
@click.option("--peut-creer", is_flag=True, help="Peut créer des comptes à son tour.")
def add_command(
    email: str,
    profil: str,
    nom: str,
    prenom: str,
    organisation: str,
    rpps: str,
    regions: tuple[str, ...],
    responsable: str | None,
    peut_creer: bool,
) -> None:
    """Crée un compte et envoie (ou montre) le lien qui choisit son mot de passe.

    \b
    Le premier administrateur :
      obs user add anne.martin@exemple.fr --role administrateur --nom Martin --prenom Anne
    """
    with opened() as store:
        above = None if responsable is None else _found(store, responsable)
        bulk.refuse_known_rpps(accounts.everyone(store), rpps)
        compte = accounts.create(
            store,
            email=email,
            nom=nom,
            prenom=prenom,
            organisation=organisation,
            profil=profil,
            rpps=rpps,
            droits=Droits(frozenset(UNIVERS), regions=frozenset(regions)) if regions else None,
            responsable_id=None if above is None else above.id,
            peut_creer=peut_creer,
            auteur=AUTEUR,
        )
        click.echo(f"Compte créé : {compte.email} ({PROFILS[profil]}).")
        _link(store, compte, Genre.ACTIVATION)


@user_group.command("invite")
@click.argument("email", metavar="E-MAIL", help="Adresse du compte.")
def invite_command(email: str) -> None:
    """Renvoie un lien d'activation à un compte qui n'a pas encore choisi son mot de passe."""
    with opened() as store:
        compte = _found(store, email)
        if compte.etat != "invite":
            raise LakeError(
                f"Le compte {compte.email} est déjà {STATES[compte.etat].lower()}.",
                conseil="Pour un nouveau mot de passe : obs user reset.",
            )
        _link(store, compte, Genre.ACTIVATION)


@user_group.command("reset")
@click.argument("email", metavar="E-MAIL", help="Adresse du compte.")
def reset_command(email: str) -> None:
    """Envoie (ou montre) un lien pour choisir un nouveau mot de passe."""
    with opened() as store:
        compte = _found(store, email)
        if compte.etat == "desactive":
            raise LakeError(
                f"Le compte {compte.email} est désactivé.", conseil="obs user disable --reactiver"
            )
        _link(store, compte, Genre.ACTIVATION if compte.etat == "invite" else Genre.OUBLI)


@user_group.command("disable")
@click.argument("email", metavar="E-MAIL", help="Adresse du compte.")
@click.option("--reactiver", is_flag=True, help="Rouvre le compte au lieu de le fermer.")
def disable_command(email: str, reactiver: bool) -> None:
    """Désactive un compte et ferme ses sessions."""
    with opened() as store:
        compte = _found(store, email)
        (accounts.enable if reactiver else accounts.disable)(store, compte.id, AUTEUR)
        click.echo(f"Compte {'rouvert' if reactiver else 'désactivé'} : {compte.email}.")


@user_group.command("list")
@click.option("--role", "profil", type=click.Choice(list(PROFILS)), help="Ce profil seulement.")
@click.option("--etat", type=click.Choice(list(STATES)), help="Cet état seulement.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help=FORMATS_HELP
)
def list_command(profil: str | None, etat: str | None, form: str) -> None:
    """Liste les comptes."""
    with opened() as store:
        known = accounts.everyone(store)
    emails = {one.id: one.email for one in known}
    rows = [
        {
            "email": one.email,
            "nom": one.nom,
            "prenom": one.prenom,
            "organisation": one.organisation,
            "profil": one.profil,
            "etat": one.etat,
            "responsable": emails.get(one.responsable_id or -1),
            "peut_creer": one.peut_creer,
            "connecte_le": None if one.connecte_le is None else one.connecte_le.isoformat(timespec="seconds"),
        }
        for one in known
        if profil in (None, one.profil) and etat in (None, one.etat)
    ]
    columns = "email nom prenom organisation profil etat responsable".split()
    schema = dict.fromkeys(columns, pl.String) | {"peut_creer": pl.Boolean, "connecte_le": pl.String}
    blank = pl.col(pl.String).replace("", None)  # nothing typed is missing, not an empty text
    emit(pl.DataFrame(rows, schema=schema).with_columns(blank), form)


@user_group.command("import")
@click.argument(
    "fichier", metavar="FICHIER", type=click.Path(dir_okay=False, path_type=Path), help="CSV des comptes."
)
@click.option(
    "--responsable", metavar="E-MAIL", help="Compte dont ils dépendent, et dont ils ont les droits."
)
@click.option(
    "--creer", is_flag=True, help="Crée les comptes ; sans cela, le fichier est seulement contrôlé."
)
def import_command(fichier: Path, responsable: str | None, creer: bool) -> None:
    """Contrôle un fichier de comptes, puis les crée avec --creer.

    Colonnes email, nom, prenom, organisation ; au besoin civilite, rpps, profil, regions (codes INSEE
    joints par « | », pour un profil régional sans responsable). Une ligne refusée est dite avec
    sa raison ; un numéro RPPS déjà connu nomme l'organisation à laquelle il est rattaché.
    """
    try:
        content = fichier.read_bytes()
    except OSError as error:
        raise SourceUnavailable(
            f"Le fichier {fichier} ne peut pas être lu : {known_cause(error.strerror or str(error))}."
        ) from error
    with opened() as store:
        above = None if responsable is None else _found(store, responsable)
        bounded = above is not None and not above.administrateur
        lines = bulk.read(content, accounts.everyone(store), above.profil if above and bounded else "")
        good = [line for line in lines if not line.problem]
        for line in lines:
            if line.problem:
                click.echo(f"ligne {line.number} refusée : {line.values['email']} : {line.problem}", err=True)
        if not creer:
            click.echo(f"{len(good)} à créer, {len(lines) - len(good)} refusées. Pour les créer : --creer.")
            return
        for line in good:
            compte = bulk.create(
                store, line, responsable_id=None if above is None else above.id,
                droits=identity.narrowed(above) if above and bounded else None, auteur=AUTEUR,
            )  # fmt: skip
            _link(store, compte, Genre.ACTIVATION)
        refused = len(lines) - len(good)
        made = agreed(len(good), f"{len(good)} compte(s) créé(s)")
        click.echo(f"{made}, {agreed(refused, f'{refused} ligne(s) refusée(s)')}.")


@user_group.command("envoyer")
@click.option("--montrer", is_flag=True, help="Montre les messages au lieu de les envoyer, puis les efface.")
def send_command(montrer: bool) -> None:
    """Envoie les messages dont la date est venue (à lancer chaque heure), ou montre leurs liens.

    Une activation qui a expiré sans servir est d'abord renouvelée, une fois ; les avis du SAS (rendez-vous, rappels,
    comptes inactifs, effecteurs sortis de l'annuaire ou de FINESS) sont d'abord écrits.
    """
    with opened() as store:
        now = datetime.now(UTC)
        try:
            for doubt in registres.verifier(store, Lake(Settings.from_env()), now=now):
                click.echo(doubt, err=True)
        except LakeError as error:  # messages do not wait for the registers
            click.echo(f"Registres non relus : {error}", err=True)
        avis.composer(store, now=now)
        if montrer:
            for one in outbox.waiting(store):
                if outbox.done(store, one.id):  # shown once, even by two commands at the same instant
                    click.echo(f"{one.email} — {one.sujet}\n{one.texte}")
            return
        sent, left = messages.deliver_due(store, rooms={GENRE: Envoi(store, Settings.from_env())})
    click.echo(f"{len(sent)} messages envoyés, {len(left)} en attente.")
