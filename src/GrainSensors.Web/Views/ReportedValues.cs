using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Status;

namespace GrainSensors.Web.Views;

/// <summary>Reads the values of a report, one reading after the other.</summary>
/// <param name="declared">The names of the declared measurements.</param>
internal sealed class ReportedValues(LatestReport report, string[] declared)
{
    private readonly double[] _values = new double[declared.Length];
    private readonly int _width = report.Values.Length / Math.Max(1, report.SensorIds.Length);
    private readonly int[] _places = Array.ConvertAll(report.Measurements ?? [], name => Array.IndexOf(declared, name));
    private readonly List<NamedValue> _others = [];
    private int _next;

    /// <summary>The values of the declared measurements, in their order; NaN: no value.</summary>
    public ReadOnlySpan<double> Declared => _values;

    /// <summary>The values of other measurements.</summary>
    public IReadOnlyList<NamedValue> Others => _others;

    /// <param name="reading">The index of the reading: 0, and then one after the other.</param>
    public void Read(int reading)
    {
        Array.Fill(_values, double.NaN);
        _others.Clear();
        report.Values.AsSpan(reading * _width, Math.Min(_width, _values.Length)).CopyTo(_values);
        for (var left = report.Counts?[reading] ?? 0; left > 0; left--, _next++)
        {
            var (place, value) = (report.Places![_next], report.Further![_next]);
            if (_places[place] is >= 0 and var at)
            {
                _values[at] = value;
            }
            else
            {
                _others.Add(new(report.Measurements![place], value));
            }
        }
    }
}
