using System.Globalization;
using System.Security.Claims;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Access;
using GrainSensors.Web.Registry;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace GrainSensors.Web.Console.Parts;

/// <summary>The registry entry of a sensor, which an admin edits here.</summary>
public partial class EntryPanel
{
    private readonly Form _form = new();
    private SensorRef? _shown;
    private RegisteredSensor? _entry;
    private bool _isRead;
    private bool _isEditing;
    private bool _mayChange = true;
    private ClaimsPrincipal _user = new();

    /// <summary>Why the entry is not known, or was not saved.</summary>
    private string? _trouble;

    [Inject]
    private IStore Store { get; set; } = null!;

    [Inject]
    private FleetView Fleet { get; set; } = null!;

    [Inject]
    private EntryRules Rules { get; set; } = null!;

    [Inject]
    private AuditTrail Audit { get; set; } = null!;

    [CascadingParameter]
    public Task<AuthenticationState>? User { get; set; }

    /// <summary>The sensor, also a name without its number.</summary>
    [Parameter, EditorRequired]
    public SensorRef Sensor { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (User is not null)
        {
            _user = (await User).User;
            _mayChange = _user.IsInRole(AccessPolicies.AdminRole);
        }

        if (_shown?.ToString() != Sensor.ToString())
        {
            (_shown, _isEditing, _isRead, _entry) = (Sensor, false, false, null);
            await ReadAsync();
        }
    }

    private static IEnumerable<(string Name, string Value)> Fields(RegisteredSensor entry) =>
    [
        ("Name", entry.DisplayName ?? ""),
        ("Location", entry.Place ?? ""),
        ("Position", entry is { Latitude: { } latitude, Longitude: { } longitude } ? $"{Text(latitude)}°, {Text(longitude)}°" : ""),
        ("Time zone", entry.TimeZone ?? ""),
        ("Alert rules", entry.Overrides ?? ""),
    ];

    private async Task ReadAsync()
    {
        try
        {
            _entry = await FindAsync();
            (_isRead, _trouble) = (true, null);
        }
        catch (WindowStoreUnavailableException e)
        {
            _trouble = e.Message;
        }
    }

    private async Task<RegisteredSensor?> FindAsync()
    {
        var id = (await Store.Names.WithNumbersAsync([Sensor], CancellationToken.None))[0].Id;
        return await Store.Sensors.FindAsync(id, CancellationToken.None);
    }

    /// <summary>Takes the entry of now; that of the page may be hours old.</summary>
    private async Task EditAsync()
    {
        await ReadAsync();
        _isEditing = _trouble is null;
        _form.Take(_entry);
    }

    private void Cancel() => (_isEditing, _trouble) = (false, null);

    private async Task SaveAsync()
    {
        if (!_mayChange)
        {
            return;
        }

        try
        {
            var before = _entry ?? new(Sensor.Id) { Name = Sensor.Name };
            var entry = _form.Apply(before);
            Rules.Check(entry, before);
            var id = (await EntryRules.WithNumbersAsync(Store, [Sensor], CancellationToken.None))[0].Id;
            entry = entry with { SensorId = id };
            await Store.Sensors.ChangeAsync(
                [id], known => known.SingleOrDefault() == _entry ? [entry] : throw Changed(), CancellationToken.None);
            _entry = entry;
            Fleet.ReadRegistrySoon();
            await Audit.WriteAsync(AccessActor.Of(_user), AuditActions.SensorSet, $"{Sensor}");
            (_isEditing, _trouble) = (false, null);
        }
        catch (Exception e) when (e is FormatException or WindowStoreUnavailableException)
        {
            _trouble = e.Message;
        }
    }

    private static FormatException Changed() => new(
        "The entry was changed elsewhere since you began, and yours was not saved. Copy what you need, cancel and edit again.");

    private static string Text(double? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>The inputs of the form.</summary>
    private sealed class Form
    {
        public string? DisplayName { get; set; }

        public string? City { get; set; }

        public string? Station { get; set; }

        public string? Latitude { get; set; }

        public string? Longitude { get; set; }

        public string? TimeZone { get; set; }

        public string? Tags { get; set; }

        public string? Overrides { get; set; }

        public void Take(RegisteredSensor? entry)
        {
            (DisplayName, City, Station, TimeZone) = (entry?.DisplayName, entry?.City, entry?.Station, entry?.TimeZone);
            (Latitude, Longitude, Overrides) = (Text(entry?.Latitude), Text(entry?.Longitude), entry?.Overrides);
            Tags = string.Join('\n', (entry?.Tags ?? SensorTags.None).Select(tag => $"{tag.Key}={tag.Value}"));
        }

        /// <exception cref="FormatException">An input is invalid.</exception>
        public RegisteredSensor Apply(RegisteredSensor entry) => entry with
        {
            DisplayName = Value(DisplayName),
            City = Value(City),
            Station = Value(Station),
            TimeZone = Value(TimeZone),
            Overrides = Value(Overrides),
            Latitude = Number("latitude", Latitude),
            Longitude = Number("longitude", Longitude),
            Tags = SensorTags.Of(Lines(Tags).Select(SensorTags.ParseTag)),
        };

        private static string[] Lines(string? text) =>
            (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        private static string? Value(string? text) => text?.Trim() is { Length: > 0 } value ? value : null;

        private static double? Number(string field, string? text) => Value(text) is not { } value ? null
            : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new FormatException($"{field} must be a number with a decimal point; got \"{value}\".");
    }
}
