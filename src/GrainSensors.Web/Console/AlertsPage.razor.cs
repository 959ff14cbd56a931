using System.Security.Claims;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Access;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Console.Parts;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace GrainSensors.Web.Console;

/// <summary>The alerts with filters; an admin acknowledges them here.</summary>
public partial class AlertsPage : IDisposable
{
    private const int PageLength = 100;
    private const string OpenStatus = "open";

    /// <summary>Null: the store could not be read with the present filters.</summary>
    private IReadOnlyList<Alert>? _alerts;

    /// <summary>Sums of the intervals of the alerts that were raised more than once, µs.</summary>
    private IReadOnlyDictionary<Guid, long> _durations = new Dictionary<Guid, long>();
    private bool _hasMore;
    private int _pages = 1;
    private string _status = OpenStatus;
    private string _level = "";
    private string _kind = "";
    private string _sensor = "";

    /// <summary>Why an acknowledgement was not taken.</summary>
    private string? _trouble;

    /// <summary>Why the alerts are out of date, or not known.</summary>
    private string? _unread;
    private Guid? _editing;
    private string _by = "";
    private string _note = "";
    private bool _focusNote;
    private ElementReference _noteInput;
    private bool _mayChange = true;
    private ClaimsPrincipal _user = new();
    private IDisposable? _watch;
    private IDisposable? _clusterWatch;

    [Inject]
    private ClusterView Cluster { get; set; } = null!;

    [Inject]
    private AlertView Changes { get; set; } = null!;

    [Inject]
    private IStore Store { get; set; } = null!;

    [Inject]
    private AuditTrail Audit { get; set; } = null!;

    [Inject]
    private AccessRules Rules { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    [CascadingParameter]
    public Task<AuthenticationState>? User { get; set; }

    [SupplyParameterFromQuery]
    public string? Sensor { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    private bool HasFilter => _status != OpenStatus || _level.Length > 0 || _kind.Length > 0 || _sensor.Trim().Length > 0;

    protected override async Task OnInitializedAsync()
    {
        if (User is not null)
        {
            _user = (await User).User;
            _mayChange = _user.IsInRole(AccessPolicies.AdminRole);
        }

        _sensor = Sensor ?? "";
        _status = Status is "raised" or "acknowledged" or "cleared" or "all" ? Status : OpenStatus;
        await ReadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            var refresh = new Refresh(work => InvokeAsync(work), async () =>
            {
                await ReadAsync();
                StateHasChanged();
            });
            _watch = Changes.Watch(_ => refresh.Request());
            _clusterWatch = Cluster.Watch(_ =>
            {
                // The store answers again, and no alert may change for long.
                if (_unread is not null && Changes.Trouble is null)
                {
                    refresh.Request();
                }
            });
        }

        if (_focusNote)
        {
            _focusNote = false;
            await _noteInput.FocusAsync();
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _watch?.Dispose();
        _clusterWatch?.Dispose();
    }

    private static string NameOf(AlertKind kind) => kind switch
    {
        AlertKind.Disconnected => "Disconnected",
        AlertKind.Extreme => "Extreme value",
        AlertKind.Threshold => "Threshold",
        AlertKind.Rate => "Rate of change",
        AlertKind.Stuck => "Stuck value",
        AlertKind.Expression => "Expression",
        AlertKind.Missing => "Missing readings",
        _ => "Statistic of a window",
    };

    private async Task ReadAsync()
    {
        try
        {
            var found = new List<Alert>();
            if (await QueryAsync() is { } query)
            {
                for (var page = 0; page < _pages && found.Count == page * PageLength; page++)
                {
                    var next = found.Count == 0 ? query : query with { After = AlertCursor.Of(found[^1]) };
                    found.AddRange(await Store.Alerts.QueryAsync(next, CancellationToken.None));
                }
            }

            Guid[] repeated = [.. found.Where(alert => alert.Occurrences > 1).Select(alert => alert.Id)];
            _durations = await Store.Alerts.SumIntervalsAsync(repeated, EpochTime.Min, EpochTime.Now(Clock), CancellationToken.None);
            (_alerts, _hasMore, _unread) = (found, found.Count == _pages * PageLength, null);
        }
        catch (WindowStoreUnavailableException e)
        {
            _unread = e.Message;
        }
    }

    /// <summary>Reads after the filters have changed: the alerts of earlier filters say nothing about the new ones.</summary>
    private async Task SelectAsync()
    {
        await ReadAsync();
        if (_unread is not null)
        {
            (_alerts, _hasMore) = (null, false);
        }
    }

    /// <returns>Null if the sensor filter is neither an id nor a name, so that no alert can match.</returns>
    private async Task<AlertQuery?> QueryAsync()
    {
        int[] sensors = [];
        if (_sensor.Trim() is { Length: > 0 } text)
        {
            // A name may begin or end with a space; an id may be typed with one.
            if ((SensorRef.Parse(text) is { Name: null } id ? id : SensorRef.Parse(_sensor)) is not { } sensor)
            {
                return null;
            }

            sensors = [(await Store.Names.WithNumbersAsync([sensor], CancellationToken.None))[0].Id];
        }

        return new()
        {
            Statuses = _status switch
            {
                OpenStatus => [AlertStatus.Raised, AlertStatus.Acknowledged],
                "raised" => [AlertStatus.Raised],
                "acknowledged" => [AlertStatus.Acknowledged],
                "cleared" => [AlertStatus.Cleared],
                _ => [],
            },
            Level = _level.Length > 0 ? AlertNames.ParseLevel(_level) : null,
            Kind = _kind.Length > 0 ? AlertNames.ParseKind(_kind) : null,
            SensorIds = sensors,
            Limit = PageLength,
        };
    }

    private Task ShowClearedAsync()
    {
        _status = "cleared";
        return SelectAsync();
    }

    private Task MoreAsync()
    {
        _pages++;
        return ReadAsync();
    }

    private void Edit(Alert alert)
    {
        (_editing, _note, _trouble) = (alert.Id, "", null);

        // Without keys all users share one name, which would identify none of them.
        if (_by.Length == 0 && !Rules.IsOpen && _user.Identity is { IsAuthenticated: true, Name: { } name })
        {
            _by = name;
        }

        _focusNote = true;
    }

    private async Task AcknowledgeAsync()
    {
        var (actor, person) = Acknowledgement.Names(_by, _user, Rules.IsOpen);
        if (_editing is not { } id || !_mayChange || actor is not { } by)
        {
            return;
        }

        _trouble = Acknowledgement.Refuse("Your name", person ?? by, Acknowledgement.MaxName)
            ?? Acknowledgement.Refuse("Note", _note, Acknowledgement.MaxNote);
        if (_trouble is not null)
        {
            return;
        }

        try
        {
            var note = _note.Length > 0 ? _note : null;
            if (await Store.Alerts.AcknowledgeAsync(id, by, person, note, CancellationToken.None) is { } alert)
            {
                await Audit.WriteAsync(AccessActor.Of(_user), AuditActions.Acknowledge, $"{id}", Acknowledgement.Detail(alert));
            }

            _editing = null;
            await ReadAsync();
        }
        catch (WindowStoreUnavailableException e)
        {
            _unread = e.Message;
        }
    }
}
