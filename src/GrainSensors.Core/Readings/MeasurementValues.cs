using System.Runtime.CompilerServices;

namespace GrainSensors.Core.Readings;

/// <summary>The values of one reading by the number of the measurement; NaN means absent.</summary>
/// <remarks>
/// The first <see cref="Inline"/> measurements have a place in the struct. Values of further ones are in an array, which is replaced and
/// never changed: copies are independent of each other.
/// </remarks>
public struct MeasurementValues
{
    /// <summary>The number of measurements whose values need no array.</summary>
    internal const int Inline = 8;

    private FirstValues _first;
    private MeasuredValue[]? _further;

    /// <summary>Values that are all absent.</summary>
    public static MeasurementValues None
    {
        get
        {
            MeasurementValues values = default;
            ((Span<double>)values._first).Fill(double.NaN);
            return values;
        }
    }

    /// <summary>Whether all values are absent.</summary>
    public readonly bool IsEmpty => !((ReadOnlySpan<double>)_first).ContainsAnyExcept(double.NaN) && _further is null or [];

    /// <summary>The number of values that are there.</summary>
    public readonly int Count => Inline - ((ReadOnlySpan<double>)_first).Count(double.NaN) + (_further?.Length ?? 0);

    public double this[int measurement]
    {
        readonly get => measurement < Inline ? _first[measurement]
            : FurtherAt(measurement) is >= 0 and var at ? _further![at].Value
            : double.NaN;
        set
        {
            if (measurement < Inline)
            {
                _first[measurement] = value;
            }
            else
            {
                SetFurther(measurement, value);
            }
        }
    }

    /// <param name="values">The values of the first measurements; NaN means absent.</param>
    public static MeasurementValues Of(ReadOnlySpan<double> values)
    {
        var of = None;
        values[..Math.Min(Inline, values.Length)].CopyTo(of._first);
        if (values.Length > Inline)
        {
            var further = new List<MeasuredValue>(values.Length - Inline);
            for (var i = Inline; i < values.Length; i++)
            {
                if (!double.IsNaN(values[i]))
                {
                    further.Add(new(i, values[i]));
                }
            }

            of._further = [.. further];
        }

        return of;
    }

    /// <param name="values">Values of different measurements.</param>
    public static MeasurementValues Of(ReadOnlySpan<MeasuredValue> values)
    {
        var (of, further) = (None, 0);
        foreach (var (measurement, _) in values)
        {
            further += measurement < Inline ? 0 : 1;
        }

        of._further = further == 0 ? null : new MeasuredValue[further];
        foreach (var value in values)
        {
            if (value.Measurement < Inline)
            {
                of._first[value.Measurement] = value.Value;
            }
            else
            {
                of._further![^further--] = value;
            }
        }

        return of;
    }

    /// <param name="values">Receives the values that are there; <see cref="Count"/> places are enough.</param>
    public readonly void CopyTo(Span<MeasuredValue> values)
    {
        var count = 0;
        for (var i = 0; i < Inline; i++)
        {
            if (!double.IsNaN(_first[i]))
            {
                values[count++] = new(i, _first[i]);
            }
        }

        _further.CopyTo(values[count..]);
    }

    /// <returns>The values that are there.</returns>
    public readonly MeasuredValue[] ToArray()
    {
        var values = new MeasuredValue[Count];
        CopyTo(values);
        return values;
    }

    private void SetFurther(int measurement, double value)
    {
        var at = FurtherAt(measurement);
        if (double.IsNaN(value))
        {
            _further = at < 0 ? _further : [.. _further!.Where((_, i) => i != at)];
        }
        else if (at < 0)
        {
            _further = [.. _further ?? [], new(measurement, value)];
        }
        else
        {
            _further = [.. _further!];
            _further[at] = new(measurement, value);
        }
    }

    private readonly int FurtherAt(int measurement)
    {
        for (var i = 0; i < _further?.Length; i++)
        {
            if (_further[i].Measurement == measurement)
            {
                return i;
            }
        }

        return -1;
    }

    [InlineArray(Inline)]
    private struct FirstValues
    {
#pragma warning disable IDE0044, IDE0051 // the compiler lays the array out from this field
        private double _value;
#pragma warning restore IDE0044, IDE0051
    }
}
