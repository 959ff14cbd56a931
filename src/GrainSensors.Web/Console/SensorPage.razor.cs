using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Charts;
using GrainSensors.Web.Console.Parts;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console;

/// <summary>One sensor: latest reading, windows as a chart and a table, alerts.</summary>
public partial class SensorPage : IDisposable
{
    private const int MaxPoints = 3000;
    private const int MaxRows = 100;
    private const int MaxAlerts = 20;
    private const int MaxIntervals = 2000;
    private const int MaxReports = 10;

    /// <summary>The latest reading changes every second; the windows are read from the store once in this many changes.</summary>
    private const int ChangesPerRead = 5;

    private static readonly (string Key, string Name, TimeSpan Length)[] Ranges =
    [
        ("6h", "6 h", TimeSpan.FromHours(6)), ("1d", "24 h", TimeSpan.FromDays(1)), ("7d", "7 d", TimeSpan.FromDays(7)),
        ("30d", "30 d", TimeSpan.FromDays(30)), ("1y", "1 y", TimeSpan.FromDays(366)),
    ];

    [Inject]
    private MeasurementSet Declared { get; set; } = null!;

    private SensorLine? _sensor;

    /// <summary>The sensor of the address, a name with its number.</summary>
    private SensorRef _shown;

    /// <summary>Null, as the alerts: the store could not be read.</summary>
    private IReadOnlyList<ChartPoint>? _points;
    private IReadOnlyList<string> _measurements = [];
    private IReadOnlyDictionary<string, double> _means = new Dictionary<string, double>();
    private IReadOnlyList<ChartMark> _marks = [];
    private List<Alert>? _alerts;
    private IReadOnlyDictionary<Guid, long> _durations = new Dictionary<Guid, long>();

    /// <summary>Whether the range has more intervals than the chart shades.</summary>
    private bool _hasMoreIntervals;
    private IReadOnlyList<SensorLogLine> _reports = [];
    private WindowPeriod _period = new(Period.Default);
    private string _range = "";
    private long _from;
    private long _to;
    private string? _trouble;
    private DateTime? _fromInput;
    private DateTime? _toInput;
    private IDisposable? _watch;
    private IDisposable? _alertWatch;
    private int _changes;

    [Inject]
    private FleetView Fleet { get; set; } = null!;

    [Inject]
    private AlertView AlertChanges { get; set; } = null!;

    [Inject]
    private WindowHistory History { get; set; } = null!;

    [Inject]
    private IStore Store { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private MeasurementCatalog Catalog { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    [Parameter]
    public int? Id { get; set; }

    /// <summary>The name of the sensor, which has no <see cref="Id"/>.</summary>
    [SupplyParameterFromQuery(Name = "sensor")]
    public string? Name { get; set; }

    [SupplyParameterFromQuery]
    public string? Measurement { get; set; }

    /// <summary>The name of <see cref="Measurement"/> in links of version 0.1.</summary>
    [SupplyParameterFromQuery]
    public string? Metric { get; set; }

    [SupplyParameterFromQuery(Name = "period")]
    public string? PeriodText { get; set; }

    [SupplyParameterFromQuery]
    public string? Range { get; set; }

    /// <summary>Start of the range in any form of <see cref="EpochTime.TryParse"/>; null: the length of the range before the end.</summary>
    [SupplyParameterFromQuery]
    public string? From { get; set; }

    /// <summary>End of the range in any form of <see cref="EpochTime.TryParse"/>; null: the present time.</summary>
    [SupplyParameterFromQuery]
    public string? To { get; set; }

    /// <summary>Why the range of the address is not shown; null: it is shown.</summary>
    private string? RangeProblem =>
        !PageTime.IsValid(From) ? PageTime.Problem("from", From!)
        : !PageTime.IsValid(To) ? PageTime.Problem("to", To!)
        : PageTime.Of(From) >= (PageTime.Of(To) ?? EpochTime.Now(Clock)) ? "The start of the range must be before its end."
        : null;

    private string Title => _sensor?.Entry?.DisplayName ?? $"Sensor {_shown}";

    private string Shown => (Measurement ?? Metric) is { } name && _measurements.Concat(Fleet.Current.Measurements).Contains(name)
        ? name
        : _measurements.FirstOrDefault(Fleet.Current.Measurements[0]);

    /// <summary>Those that the page offers, and the one of the address.</summary>
    private IEnumerable<WindowPeriod> Periods => History.PeriodsFor(_sensor?.Entry?.TimeZone).Append(_period).Distinct();

    /// <summary>Whether windows may have sketches, which cost more to read.</summary>
    private bool HasSketches => Catalog.All.Any(known => known.Measurement.HasSketch);

    private bool HasPercentiles => _points?.Any(point => point.Percentiles is not null) == true;

    private string Csv =>
        $"{SensorLink.Api(_shown)}/windows.csv?period={Uri.EscapeDataString($"{_period}")}"
        + $"&from={EpochTime.ToIso8601(_from)}&to={EpochTime.ToIso8601(_to)}"
        + (HasPercentiles ? "&p=0.05,0.5,0.95" : "")
        + (_shown.Name is { } name ? $"&sensor={Uri.EscapeDataString(name)}" : "");

    protected override async Task OnParametersSetAsync()
    {
        _period = History.Find(PeriodText) ?? new(History.Period);
        _range = Ranges.Any(range => range.Key == Range) ? Range! : DefaultRange(_period.Hop);
        await Fleet.ReadyAsync(CancellationToken.None);
        await FindAsync();
        await ReadAsync();
        if (_trouble is not null)
        {
            // What was read is about another sensor, measurement or period.
            (_points, _marks, _alerts, _reports, _measurements) = (null, [], null, [], Fleet.Current.Measurements);
        }
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        var readings = new Refresh(work => InvokeAsync(work), async () =>
        {
            if (_shown.Id == SensorName.NoNumber)
            {
                // The store was away, or the sensor has not reported before.
                await FindAsync();
            }

            _sensor = Fleet.Current.Find(_shown.Id);
            if ((To is null || _trouble is not null) && ++_changes % ChangesPerRead == 0)
            {
                await ReadAsync();
            }

            StateHasChanged();
        });
        var alerts = new Refresh(work => InvokeAsync(work), async () =>
        {
            await ReadAsync();
            StateHasChanged();
        });
        _watch = Fleet.Watch(_ => readings.Request());
        _alertWatch = AlertChanges.Watch(changes =>
        {
            if (changes.Any(alert => alert.SensorId == _shown.Id))
            {
                alerts.Request();
            }
        });
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _watch?.Dispose();
        _alertWatch?.Dispose();
    }

    private async Task FindAsync()
    {
        _shown = Id is { } id ? new(id, null) : SensorRef.Parse(Name ?? "") ?? new(SensorName.NoNumber, SensorRef.Unnamed);
        try
        {
            _shown = (await Store.Names.WithNumbersAsync([_shown], CancellationToken.None))[0];
        }
        catch (WindowStoreUnavailableException e)
        {
            _trouble = e.Message;
        }

        _sensor = Fleet.Current.Find(_shown.Id);
    }

    private static string DefaultRange(Period period) => period.TotalSeconds switch
    {
        >= 86_400 => "1y",
        >= 3600 => "7d",
        _ => "1d",
    };

    private async Task ReadAsync()
    {
        var now = EpochTime.Now(Clock);
        var isRange = RangeProblem is null;
        _to = isRange && PageTime.Of(To) is { } to ? to : now;
        _from = isRange && PageTime.Of(From) is { } from ? from : _to - EpochTime.From(Ranges.First(range => range.Key == _range).Length);
        try
        {
            var (windows, _) = await History.ReadAsync(
                new(_shown.Id, _period, HasSketches), _from, _to, MaxPoints, CancellationToken.None);
            _measurements = SensorMeasurements.Of(Fleet.Current.Measurements, _sensor, windows);
            _means = SensorMeasurements.MeansOf(windows);
            _points = SensorMeasurements.PointsOf(windows, Shown);
            var alerts = await Store.Alerts.QueryAsync(new() { SensorIds = [_shown.Id], To = _to, Limit = 200 }, CancellationToken.None);
            _alerts = [.. alerts.Where(alert => alert.ClearedAt is null || alert.ClearedAt > _from)];
            await ReadIntervalsAsync(_alerts, now);
            _reports = await Store.SensorReports.ReadAsync(_shown.Id, MaxReports, CancellationToken.None);
            _trouble = null;
        }
        catch (WindowStoreUnavailableException e)
        {
            _trouble = e.Message;
        }
    }

    private async Task ReadIntervalsAsync(List<Alert> alerts, long now)
    {
        var charted = alerts.FindAll(alert => alert.Measurement.Length == 0 || alert.Measurement == Shown);
        var query = new AlertIntervalQuery(charted.ConvertAll(alert => alert.Id)) { From = _from, To = _to, Limit = MaxIntervals };
        var intervals = await Store.Alerts.ReadIntervalsAsync(query, CancellationToken.None);
        _hasMoreIntervals = intervals.Count == MaxIntervals;
        _marks = [.. ChartMark.Of(charted, intervals.ToLookup(interval => interval.AlertId), now)];
        Guid[] listed = [.. alerts.Take(MaxAlerts).Where(alert => alert.Occurrences > 1).Select(alert => alert.Id)];
        _durations = await Store.Alerts.SumIntervalsAsync(listed, EpochTime.Min, now, CancellationToken.None);
    }

    private string LastReading(SensorLine sensor) => DisplayFormat.Since(sensor.LastAt, Fleet.Current.At) switch
    {
        _ when sensor.LastAt is null => "Last reading unknown",
        "now" => "Last reading now",
        var age => $"Last reading {age} ago",
    };

    private string WithUnit(string title) => DisplayFormat.WithUnit(title, Declared.UnitOf(Shown));

    private string Times(Alert alert) =>
        $"{DisplayFormat.Time(alert.RaisedAt)} UTC to {(alert.ClearedAt is { } cleared ? $"{DisplayFormat.Time(cleared)} UTC" : "now")}"
        + (alert.Occurrences > 1 ? $", {DisplayFormat.OccurrencesOf(alert, _durations)}" : "")
        + (alert.SilencedUntil is { } end ? $", silenced until {DisplayFormat.Time(end)} UTC" : "");

    private void Apply()
    {
        if (_fromInput is { } from && _toInput is { } to && from < to)
        {
            Navigation.NavigateTo(Link(
                from: EpochTime.ToIso8601(EpochTime.From(new DateTimeOffset(from, TimeSpan.Zero))),
                to: EpochTime.ToIso8601(EpochTime.From(new DateTimeOffset(to, TimeSpan.Zero)))));
        }
    }

    /// <summary>A range from the list ends at the present time. Another measurement or period keeps the times that are shown.</summary>
    private string Link(string? measurement = null, string? period = null, string? range = null, string? from = null, string? to = null)
    {
        var keepsTimes = range is null && from is null;
        return Navigation.GetUriWithQueryParameters(SensorLink.To(_shown), new Dictionary<string, object?>
        {
            ["measurement"] = measurement ?? Measurement ?? Metric,
            ["period"] = period ?? PeriodText,
            ["range"] = range ?? (keepsTimes && period is null ? Range : null),
            ["from"] = from ?? (keepsTimes ? From : null),
            ["to"] = to ?? (keepsTimes ? To : null),
        });
    }
}
