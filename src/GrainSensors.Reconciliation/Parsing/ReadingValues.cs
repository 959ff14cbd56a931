using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Judges the values of one reading after the other, from the rules of the measurements and without code of the stream.</summary>
internal sealed class ReadingValues(IReadOnlyList<Measurement> measurements, IReadOnlyList<string> discovered, int maxDiscovered)
{
    /// <summary>The name of no measurement.</summary>
    public const int Unknown = -3;

    /// <summary>A greater number is no value of a measurement that is not declared.</summary>
    private const double MaxOther = 1e100;

    private const string InvalidValue = "a value that is invalid or out of range";

    /// <summary>Stands for a value that is not a number, or out of range.</summary>
    private const double Implausible = double.NegativeInfinity;

    private readonly byte[][] _names =
    [
        .. measurements.Select(measurement => measurement.Name).Concat(discovered).Select(Encoding.UTF8.GetBytes),
    ];

    private readonly double[] _declared = new double[measurements.Count];
    private readonly List<MeasuredValue> _others = [];
    private bool _isMeasured;
    private bool _isOther;

    /// <summary>The values of declared measurements, by index; NaN for a missing value.</summary>
    public MeasurementValues Declared => MeasurementValues.Of(_declared);

    /// <summary>The values of other measurements.</summary>
    public IReadOnlyList<MeasuredValue> Others => _others.FindAll(other => !double.IsNaN(other.Value));

    /// <summary>Why the values are no reading; null: they are.</summary>
    public string? Fault =>
        _declared.Contains(Implausible) ? InvalidValue : _isOther && !_isMeasured ? ParsedMessage.NoMeasurement : null;

    public void Clear()
    {
        Array.Fill(_declared, double.NaN);
        _others.Clear();
        (_isMeasured, _isOther) = (false, false);
    }

    /// <returns>The index of the measurement, or <see cref="Unknown"/>.</returns>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i;
            }
        }

        return Unknown;
    }

    /// <param name="index">See <see cref="IndexOf"/>.</param>
    public bool IsDeclared(int index) => index >= 0 && index < measurements.Count;

    /// <summary>Takes the value of a declared measurement, in place of one that the message has given before.</summary>
    /// <param name="sent">The value as it was sent; NaN: none; null: something that is not a number.</param>
    public void Declare(int index, double? sent)
    {
        _isMeasured = true;
        _declared[index] = sent is not { } value ? Implausible : Judge(value, measurements[index]);
    }

    /// <summary>Takes the value of another measurement, in place of one that the message has given before.</summary>
    /// <param name="index">See <see cref="IndexOf"/>.</param>
    /// <param name="sent">The value as it was sent; NaN: none; null: something that is not a number.</param>
    public void Add(int index, double? sent)
    {
        var isOne = index != Unknown && (sent is { } number ? !(Math.Abs(number) > MaxOther) : false);
        if (index != Unknown)
        {
            Keep(index - measurements.Count, isOne ? sent!.Value : double.NaN);
        }

        (_isMeasured, _isOther) = (_isMeasured || isOne, _isOther || !isOne);
    }

    private void Keep(int index, double value)
    {
        var place = _others.FindIndex(other => other.Measurement == index);
        if (place >= 0)
        {
            _others[place] = new(index, value);
        }
        else if (!double.IsNaN(value) && _others.Count < maxDiscovered)
        {
            _others.Add(new(index, value));
        }
    }

    /// <returns>The value in the unit that is kept; NaN for one that means none.</returns>
    private static double Judge(double value, Measurement measurement)
    {
        if (double.IsNaN(value) || measurement.Missing.Contains(value))
        {
            return double.NaN;
        }

        if (measurement.Conversion is { Factor: var factor, Offset: var offset })
        {
            value = (value * factor) + offset;
        }

        return measurement.Min <= value && value <= measurement.Max ? value : Implausible;
    }
}
