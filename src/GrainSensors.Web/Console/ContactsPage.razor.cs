using System.Text.Json;
using GrainSensors.Contacts.Points;
using GrainSensors.Storage;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Console.Parts;
using GrainSensors.Web.Yaml;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console;

/// <summary>Contact points, routes, and what could not be delivered; for administrators.</summary>
public partial class ContactsPage
{
    private const string Example =
        """
        name: ops
        kind: webhook
        settings:
          url: https://example.org/alerts
        secrets:
          authorization: Bearer TOKEN
        """;

    /// <summary>Null: not read yet.</summary>
    private IReadOnlyList<ContactLine>? _contacts;
    private ContactEditor? _editor;
    private TextEditor? _text;
    private string? _testing;
    private ElementReference _heading;

    protected override string Policy => ContactChanges.Policy;

    [Inject]
    private ContactPoints Points { get; set; } = null!;

    [Inject]
    private ContactChanges Changes { get; set; } = null!;

    [Inject]
    private IStore Store { get; set; } = null!;

    protected override async Task ReadAsync()
    {
        if (!MayChange)
        {
            return;
        }

        var lines = new List<ContactLine>();
        foreach (var point in await Points.ReadAsync(CancellationToken.None))
        {
            var last = await Store.Contacts.Notifications.ReadAsync(new() { Contact = point.Name, Limit = 1 }, CancellationToken.None);
            lines.Add(new(ContactBody.Of(point), last.Count > 0 ? last[0] : null));
        }

        _contacts = lines;
    }

    private void Add() => Open(new(null, Example));

    private void Edit(ContactLine line) => Open(new(line, line.ToYaml()));

    private void Open(ContactEditor editor)
    {
        (_editor, Refusal, Done) = (editor, null, null);
        Focus(() => _text!.Element);
    }

    private void Cancel()
    {
        (_editor, Refusal) = (null, null);
        Focus(() => _heading);
    }

    private async Task SaveAsync()
    {
        if (_editor is { } editor && await ChangeAsync(async () => await SaveAsync(editor, await _text!.ReadAsync())))
        {
            _editor = null;
            Focus(() => _heading);
        }
    }

    private async Task<string?> SaveAsync(ContactEditor editor, string text)
    {
        var documents = ContactYaml.Read(new StringReader(text));
        await CheckAsync(editor, documents);
        foreach (var document in documents)
        {
            await Changes.PutAsync(Actor, document.Name, RequestOf(document), CancellationToken.None);
        }

        var names = string.Join(", ", documents.Select(document => document.Name));
        return $"{(editor.Line is null ? "Added" : "Changed")} {names}.";
    }

    /// <exception cref="FormatException">The text is about other contact points than those that the editor is for.</exception>
    private async Task CheckAsync(ContactEditor editor, IReadOnlyList<ContactDocument> documents)
    {
        var known = await Points.ReadAsync(CancellationToken.None);
        if (editor.Line?.Contact is { } edited)
        {
            if (documents.Count > 1 || documents[0].Name != edited.Name)
            {
                throw new FormatException(
                    $"The text must have the contact point \"{edited.Name}\" only. Add one with another name with Add contact points.");
            }

            if (known.FirstOrDefault(point => point.Name == edited.Name) is { } now && ContactBody.Of(now).ChangedAt != edited.ChangedAt)
            {
                throw new FormatException(
                    "The contact point was changed elsewhere since you began, and yours was not saved. Copy what you need, cancel and "
                    + "edit again.");
            }
        }
        else if (documents.FirstOrDefault(document => known.Any(point => point.Name == document.Name)) is { } taken)
        {
            throw new FormatException($"There is a contact point \"{taken.Name}\" already. Edit it, or give another name.");
        }

        if (documents.GroupBy(document => document.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new FormatException($"The contact point \"{twice.Key}\" is there twice; keep one.");
        }

        foreach (var document in documents)
        {
            if (document.Secrets.FirstOrDefault(secret => ContactYaml.VariableOf(secret.Value) is not null).Key is { } name)
            {
                throw new FormatException(
                    $"The secret {name} of the contact point \"{document.Name}\" names an environment variable, which only the command "
                    + "`contacts apply` reads. Give its value.");
            }
        }
    }

    private static ContactRequest RequestOf(ContactDocument document) => new(
        document.Kind,
        document.Enabled,
        document.Settings.ToDictionary(setting => setting.Key, setting => JsonSerializer.SerializeToElement(setting.Value)),
        document.Secrets.ToDictionary(secret => secret.Key, secret => JsonSerializer.SerializeToElement(secret.Value)));

    private async Task TestAsync(string name)
    {
        if (_testing is not null)
        {
            return;
        }

        _testing = name;
        try
        {
            await ChangeAsync(async () => await Changes.TestAsync(Actor, name, CancellationToken.None)
                ? $"The receiver of {name} has accepted the test message."
                : $"There is no contact point \"{name}\" any more.");
        }
        finally
        {
            _testing = null;
        }

        Refusal = Refusal is { } reason ? $"{name}: {reason}" : null;
    }

    private async Task RemoveAsync(string name)
    {
        await ChangeAsync(async () => await Changes.RemoveAsync(Actor, name, CancellationToken.None)
            ? $"Removed {name}."
            : $"There is no contact point \"{name}\" any more.");
        Focus(() => _heading);
    }

    /// <param name="Line">The contact point; null: new ones.</param>
    /// <param name="Text">The text at the beginning.</param>
    private sealed record ContactEditor(ContactLine? Line, string Text);
}
