using System.Globalization;
using System.Text.Json;
using GrainSensors.Contacts.Routes;
using GrainSensors.Storage.Contacts;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Yaml;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console.Parts;

/// <summary>The routes as a tree, which an administrator edits as YAML.</summary>
public partial class RoutesPanel
{
    private const string EditorLabel = "Routes (YAML or JSON)";

    private const string Example =
        """
        contacts: []
        group_by: [city]
        routes:
          - match: [severity=critical]
            contacts: []
        """;

    private StoredRoutes? _stored;
    private RouteDocument? _tree;
    private bool _isRead;

    /// <summary>Why the tree cannot be shown; null: it is, or there is none.</summary>
    private string? _problem;
    private bool _isEditing;
    private string _edited = "";

    /// <summary>The version that is edited; 0: none.</summary>
    private int _expected;
    private TextEditor? _text;
    private ElementReference _heading;

    protected override string Policy => RouteChanges.Policy;

    [Inject]
    private RouteBook Routes { get; set; } = null!;

    [Inject]
    private RouteChanges Changes { get; set; } = null!;

    protected override async Task ReadAsync()
    {
        if (!MayChange)
        {
            return;
        }

        _stored = await Routes.ReadAsync(CancellationToken.None);
        (_isRead, _tree, _problem) = (true, null, null);
        try
        {
            _tree = _stored?.Document is { } document ? RouteDocument.Parse(document) : null;
        }
        catch (FormatException e)
        {
            _problem = $"The stored routes cannot be shown. {e.Message}";
        }
    }

    /// <summary>Takes the routes of now; those of the page may be some seconds old.</summary>
    private async Task EditAsync()
    {
        await LoadAsync();
        if (Trouble is null || Refusal is not null)
        {
            (_isEditing, Refusal, Done) = (true, null, null);
            _expected = _stored?.Version ?? 0;
            _edited = _stored?.Document is { } document ? RoutesYaml.Of(JsonSerializer.Deserialize<JsonElement>(document)) : Example;
            Focus(() => _text!.Element);
        }
    }

    private void Cancel()
    {
        (_isEditing, Refusal) = (false, null);
        Focus(() => _heading);
    }

    private async Task SaveAsync()
    {
        var isSaved = await ChangeAsync(async () =>
        {
            var document = RouteChanges.Parse(RoutesYaml.Read(new StringReader(await _text!.ReadAsync())));
            try
            {
                await Changes.PutAsync(Actor, document, _expected, CancellationToken.None);
            }
            catch (ChangeRefusedException e) when (e.Reason == ChangeRefusal.OtherVersion)
            {
                throw new FormatException($"{e.Message} Yours were not saved: copy what you need, cancel and edit again.", e);
            }

            return "Saved the routes. They take effect within seconds.";
        });
        if (isSaved)
        {
            _isEditing = false;
            Focus(() => _heading);
        }
    }

    private async Task RemoveAsync()
    {
        var version = _stored?.Version;
        await ChangeAsync(async () =>
        {
            await Changes.PutAsync(Actor, null, version, CancellationToken.None);
            return "Removed the routes.";
        });
        Focus(() => _heading);
    }

    private static string Version(StoredRoutes? stored) => stored is null ? "" : string.Create(
        CultureInfo.InvariantCulture, $"version {stored.Version}, {DisplayFormat.Time(stored.ChangedAt)} UTC by {stored.ChangedBy}");
}
