using System.Globalization;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Web.Console.Parts;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Registry;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console;

/// <summary>All sensors with their latest readings, and the state of the pipeline.</summary>
public partial class FleetPage : IDisposable
{
    /// <summary>The number of rows that the page shows before it is connected, enough for a screen.</summary>
    private const int FirstRows = 30;

    /// <summary>The number of measurements with a column; the page of a sensor shows all of them.</summary>
    private const int MaxColumns = 3;

    private static readonly (string Name, string Value)[] Conditions =
        [("All", ""), ("Alerting", "alerting"), ("Disconnected", "silent"), ("Reporting", "reporting")];

    private FleetSnapshot _now = default!;
    private List<SensorLine> _rows = [];
    private IReadOnlyList<(string Name, int Index)> _columns = [];
    private string _filter = "";
    private string _shown = "";
    private string _sort = "";
    private bool _isDescending;
    private bool _hasPlaces;
    private bool _hasTags;
    private bool _isFilled;
    private IDisposable? _watch;

    [Inject]
    private FleetView Fleet { get; set; } = null!;

    [Inject]
    private MeasurementSet Declared { get; set; } = null!;

    [Inject]
    private FirstReading First { get; set; } = null!;

    private bool IsFilled => _isFilled || _rows.Count == 0;

    private string? Found => !_now.IsKnown ? null
        : _rows.Count == _now.Sensors.Length ? DisplayFormat.Plural(_rows.Count, "sensor")
        : $"{DisplayFormat.Count(_rows.Count)} of {DisplayFormat.Plural(_now.Sensors.Length, "sensor")}";

    protected override async Task OnInitializedAsync()
    {
        _now = Fleet.Current;
        Take();
        await Fleet.ReadyAsync(CancellationToken.None);
        Take();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            var refresh = new Refresh(work => InvokeAsync(work), () =>
            {
                Take();
                StateHasChanged();
                return Task.CompletedTask;
            });
            _watch = Fleet.Watch(_ => refresh.Request());
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _watch?.Dispose();
    }

    private void Take()
    {
        _now = Fleet.Current;
        _hasPlaces = Array.Exists(_now.Sensors, sensor => sensor.Place is not null);
        _columns = SensorMeasurements.ColumnsOf(_now, MaxColumns);
        _hasTags = Array.Exists(_now.Sensors, sensor => sensor.Entry?.Tags.Count > 0);
        Select();
    }

    private void Show(string value)
    {
        _shown = value;
        Select();
    }

    private void FilterBy(string text)
    {
        _filter = text;
        Select();
    }

    private void Sort(string column)
    {
        (_sort, _isDescending) = _sort == column ? (column, !_isDescending) : (column, false);
        Select();
    }

    private void Select()
    {
        var filter = SensorFilter.Of(null, _filter, null);
        var rows = new List<SensorLine>(_now.Sensors.Length);
        foreach (var sensor in _now.Sensors)
        {
            if (IsShown(sensor) && filter.Matches(sensor.Sensor, sensor.Entry))
            {
                rows.Add(sensor);
            }
        }

        rows.Sort(Compare);
        _rows = rows;
    }

    private bool IsShown(SensorLine sensor) => _shown switch
    {
        "alerting" => sensor.OpenAlerts > 0,
        "silent" => sensor.Condition is SensorCondition.Silent or SensorCondition.Disconnected,
        "reporting" => sensor.Condition == SensorCondition.Reporting,
        _ => true,
    };

    /// <summary>Orders by severity until the user sorts by a column. Unknown values are last in both directions.</summary>
    private int Compare(SensorLine a, SensorLine b)
    {
        var order = _sort switch
        {
            "" => Severity(a).CompareTo(Severity(b)),
            "id" => Math.Sign(SensorRef.Compare(a.Sensor, b.Sensor)),
            "condition" => a.Condition.CompareTo(b.Condition),
            "place" => ComparePlaces(a.Place, b.Place),
            "age" => CompareKnown(b.LastAt ?? double.NaN, a.LastAt ?? double.NaN),
            ['v', .. var name] => CompareKnown(ValueOf(a, name), ValueOf(b, name)),
            _ => 0,
        };
        return order == 0 ? SensorRef.Compare(a.Sensor, b.Sensor) : _isDescending && Math.Abs(order) < 2 ? -order : order;
    }

    private double ValueOf(SensorLine sensor, string measurement) =>
        sensor.ValueOf(measurement, _columns.FirstOrDefault(column => column.Name == measurement, (Name: "", Index: -1)).Index);

    /// <returns>−2 or 2 if one of the values is unknown: an order that does not change with the direction.</returns>
    private static int CompareKnown(double a, double b) => (double.IsNaN(a), double.IsNaN(b)) switch
    {
        (true, true) => 0,
        (true, false) => 2,
        (false, true) => -2,
        _ => a.CompareTo(b),
    };

    private static int ComparePlaces(string? a, string? b) => (a, b) switch
    {
        (null, null) => 0,
        (null, _) => 2,
        (_, null) => -2,
        _ => Math.Sign(string.Compare(a, b, StringComparison.OrdinalIgnoreCase)),
    };

    private static int Severity(SensorLine sensor) => sensor switch
    {
        { OpenAlerts: > 0, Level: AlertLevel.Error } => 0,
        { OpenAlerts: > 0 } => 1,
        { Condition: SensorCondition.Silent or SensorCondition.Disconnected } => 2,
        _ => 3,
    };

    private string Count(int count) => DisplayFormat.Count(_now.IsKnown ? count : null);

    private string Share(int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{(_now.Counts.Total == 0 ? 0 : 100.0 * count / _now.Counts.Total):0.#}%");

    private static string Noun(long? count, string noun) => count == 1 ? noun : $"{noun}s";
}
