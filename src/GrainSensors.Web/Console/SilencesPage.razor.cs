using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Console.Parts;
using GrainSensors.Web.Formatting;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console;

/// <summary>The silences; an administrator adds and ends them here.</summary>
public partial class SilencesPage
{
    private const string Labels = "labels";
    private const string OneSensor = "sensor";
    private const string All = "all";
    private const int MaxEnded = 50;

    /// <summary>Null, as the ended ones: not read yet.</summary>
    private IReadOnlyList<SilenceBody>? _silences;
    private IReadOnlyList<SilenceBody>? _ended;
    private bool _isAdding;
    private string _scope = Labels;
    private string _matchers = "";
    private string _sensor = "";
    private string _for = "";
    private DateTime? _until;
    private DateTime? _from;
    private string _by = "";
    private string _reason = "";
    private ElementReference _heading;
    private ElementReference _addButton;
    private ElementReference _scopeInput;
    private TextEditor? _matcherInput;

    /// <summary>Matchers of a new silence, as the link of an alert has them.</summary>
    [SupplyParameterFromQuery]
    public string[]? Match { get; set; }

    /// <summary>The sensor of a new silence.</summary>
    [SupplyParameterFromQuery]
    public string? Sensor { get; set; }

    protected override string Policy => SilenceBook.Policy;

    [Inject]
    private SilenceBook Silences { get; set; } = null!;

    [Inject]
    private AccessRules Rules { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        if (MayChange && (Match is { Length: > 0 } || !string.IsNullOrEmpty(Sensor)))
        {
            Begin();
            (_scope, _sensor) = Match is { Length: > 0 } ? (Labels, "") : (OneSensor, Sensor!);
            _matchers = string.Join('\n', Match ?? []);
        }
    }

    protected override async Task ReadAsync() => (_silences, _ended) =
        (await Silences.ReadAsync(CancellationToken.None), await Silences.ReadEndedAsync(MaxEnded, CancellationToken.None));

    private void Begin()
    {
        (_isAdding, Refusal, Done) = (true, null, null);
        (_scope, _matchers, _sensor, _for, _until, _from, _reason) = (Labels, "", "", "2h", null, null, "");

        // Without keys all users share one name, which would identify none of them.
        if (_by.Length == 0 && !Rules.IsOpen)
        {
            _by = Person.Identity?.Name ?? "";
        }
    }

    private void BeginAndFocus()
    {
        Begin();
        Focus(() => _scopeInput);
    }

    private void Cancel()
    {
        (_isAdding, Refusal) = (false, null);
        Focus(() => _addButton);
    }

    private async Task AddAsync()
    {
        var isAdded = await ChangeAsync(async () =>
        {
            var request = new SilenceRequest
            {
                SensorId = _scope != OneSensor ? null
                    : SensorRef.Parse(_sensor) ?? throw new FormatException("The sensor must be an id or a name."),
                Matchers = _scope == Labels ? Lines(await _matcherInput!.ReadAsync()) : null,
                All = _scope == All ? true : null,
                StartsAt = TextOf(_from),
                EndsAt = TextOf(_until),
                For = _for.Trim() is { Length: > 0 } duration && _until is null ? duration : null,
                By = _by,
                Reason = _reason,
            };
            return $"Silenced {ScopeOf(await Silences.AddAsync(Person, Rules.IsOpen, request, CancellationToken.None))}.";
        });
        if (isAdded)
        {
            _isAdding = false;
            Focus(() => _heading);
        }
    }

    private async Task EndAsync(SilenceBody silence)
    {
        await ChangeAsync(async () => await Silences.EndAsync(Actor, silence.Id, CancellationToken.None)
            ? $"Ended the silence of {ScopeOf(silence)}."
            : "The silence has ended already.");
        Focus(() => _heading);
    }

    private static string[] Lines(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string? TextOf(DateTime? time) =>
        time is { } utc ? EpochTime.ToIso8601(EpochTime.From(new DateTimeOffset(utc, TimeSpan.Zero))) : null;

    private static string ScopeOf(SilenceBody silence) => silence.Matchers is { } matchers ? string.Join(", ", matchers)
        : silence.SensorId is { } sensor ? $"sensor {sensor}"
        : "all alerts";

    private static string TimeOf(DateTime time) => DisplayFormat.Time(EpochTime.From(new DateTimeOffset(time)));

    private static string NameOf(string status) => status == "active" ? "Active" : "Coming";
}
