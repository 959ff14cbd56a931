using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Judges the values of a reading, from the rules of the measurements and without code of the stream.</summary>
internal sealed class ReadingValues
{
    /// <summary>The name of no measurement.</summary>
    public const int Unknown = -3;

    /// <summary>A greater number is no value of a measurement that is not declared.</summary>
    private const double MaxOther = 1e100;

    private const string InvalidValue = "a value that is invalid or out of range";

    /// <summary>Stands for a value that is not a number, or out of range.</summary>
    private const double Implausible = double.NegativeInfinity;

    private readonly Rules _rules;
    private readonly double[] _declared;
    private readonly List<MeasuredValue> _others = [];
    private bool _isMeasured;
    private bool _isOther;

    private ReadingValues(Rules rules)
    {
        (_rules, _declared) = (rules, new double[rules.Measurements.Count]);
        Array.Fill(_declared, double.NaN);
    }

    /// <summary>The values of declared measurements, by index; NaN for a missing value.</summary>
    public MeasurementValues Declared => MeasurementValues.Of(_declared);

    /// <summary>The values of other measurements.</summary>
    public IReadOnlyList<MeasuredValue> Others => _others.FindAll(other => !double.IsNaN(other.Value));

    /// <summary>Why the values are no reading; null: they are.</summary>
    public string? Fault =>
        _declared.Contains(Implausible) ? InvalidValue : _isOther && !_isMeasured ? ParsedMessage.NoMeasurement : null;

    /// <returns>The index of the measurement, or <see cref="Unknown"/>.</returns>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _rules.Names.Length; i++)
        {
            if (name.SequenceEqual(_rules.Names[i]))
            {
                return i;
            }
        }

        return Unknown;
    }

    /// <param name="index">See <see cref="IndexOf"/>.</param>
    public bool IsDeclared(int index) => index >= 0 && index < _rules.Measurements.Count;

    /// <summary>Takes the value of a declared measurement, in place of one that the message has given before.</summary>
    /// <param name="sent">The value as it was sent; NaN: none; null: something that is not a number.</param>
    public void Declare(int index, double? sent)
    {
        _isMeasured = true;
        _declared[index] = sent is not { } value ? Implausible : Judge(value, _rules.Measurements[index]);
    }

    /// <summary>Takes the value of another measurement, in place of one that the message has given before.</summary>
    /// <param name="index">See <see cref="IndexOf"/>.</param>
    /// <param name="sent">The value as it was sent; NaN: none; null: something that is not a number.</param>
    public void Add(int index, double? sent)
    {
        var isOne = index != Unknown && (sent is { } number ? !(Math.Abs(number) > MaxOther) : false);
        if (index != Unknown)
        {
            Keep(index - _rules.Measurements.Count, isOne ? sent!.Value : double.NaN);
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
        else if (!double.IsNaN(value) && _others.Count < _rules.MaxDiscovered)
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

    /// <summary>The rules of the measurements.</summary>
    /// <param name="measurements">The declared measurements.</param>
    /// <param name="discovered">The names of others.</param>
    /// <param name="maxDiscovered">The most values of others in a reading.</param>
    internal sealed class Rules(IReadOnlyList<Measurement> measurements, IReadOnlyList<string> discovered, int maxDiscovered)
    {
        public IReadOnlyList<Measurement> Measurements => measurements;

        public int MaxDiscovered => maxDiscovered;

        public byte[][] Names { get; } =
            [.. measurements.Select(measurement => measurement.Name).Concat(discovered).Select(Encoding.UTF8.GetBytes)];

        /// <returns>Takes the values of the next reading.</returns>
        public ReadingValues Begin() => new(this);
    }
}
