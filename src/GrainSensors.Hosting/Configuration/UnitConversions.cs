using System.Globalization;
using GrainSensors.Core.Readings;
using UnitsNet;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Conversions between units, by the tables of UnitsNet.</summary>
internal static class UnitConversions
{
    /// <summary>Values at which a conversion must be linear. Negative ones find units that are logarithms or reciprocals.</summary>
    private static readonly double[] Probes = [-1000, -40, -0.5, 0.001, 1, 32, 100, 12_345.678, 1e6];

    private const double Tolerance = 1e-9;

    /// <summary>Far from zero, so that the rounding of the offset matters little for the factor.</summary>
    private const double Far = 1e6;

    /// <summary>The largest denominator of a number that is taken to be a fraction: 5/9, 1/3600, 0.000001.</summary>
    private const long MaxDenominator = 1_000_000;

    private static readonly Lazy<ILookup<string, UnitInfo>> ByText = new(() => Quantity.Infos
        .SelectMany(quantity => quantity.UnitInfos)
        .SelectMany(unit => TextsOf(unit).Select(Normal).Distinct().Select(text => (text, unit)))
        .ToLookup(one => one.text, one => one.unit, StringComparer.Ordinal));

    /// <param name="sent">The unit of the values as they are sent, such as <c>°F</c>.</param>
    /// <param name="kept">The unit of the values as they are kept, such as <c>°C</c>.</param>
    /// <returns>Null: the values stay as they are.</returns>
    /// <exception cref="FormatException">There is no such conversion. The message says why.</exception>
    public static LinearConversion? Find(string sent, string kept)
    {
        if (Normal(sent) == Normal(kept))
        {
            return null;
        }

        var (from, to) = (UnitsOf(sent), UnitsOf(kept));
        var pairs = from.SelectMany(_ => to, (a, b) => (From: a, To: b))
            .Where(pair => pair.From.QuantityName == pair.To.QuantityName).ToList();
        if (pairs.Count == 0)
        {
            throw new FormatException($"\"{sent}\" is a unit of {QuantitiesOf(from)} and \"{kept}\" one of {QuantitiesOf(to)}");
        }

        var found = pairs.Select(pair => Probe(pair.From, pair.To)).Distinct().ToList();
        return found switch
        {
            [null] => throw new FormatException($"\"{sent}\" is not proportional to \"{kept}\""),
            [{ Factor: 1, Offset: 0 }] => null,
            [var one] => one,
            _ => throw new FormatException(
                $"\"{sent}\" and \"{kept}\" are units of {QuantitiesOf(pairs.Select(pair => pair.From))}, which are converted differently"),
        };
    }

    /// <returns>Null: the conversion is not linear.</returns>
    private static LinearConversion? Probe(UnitInfo from, UnitInfo to)
    {
        try
        {
            var offset = Simple(At(0));
            var conversion = new LinearConversion(Simple((At(Far) - At(0)) / Far), offset);
            return conversion.Factor != 0 && Array.TrueForAll(Probes, IsLinear) ? conversion : null;

            bool IsLinear(double value)
            {
                var (expected, got) = (At(value), conversion.Convert(value));
                return Math.Abs(expected - got) <= Tolerance * Math.Max(Math.Abs(expected), Math.Abs(conversion.Factor));
            }
        }
        catch (Exception e) when (e is ArgumentException or ArithmeticException)
        {
            return null; // a quantity that has no value at zero, such as a logarithm
        }

        double At(double value) => (double)UnitConverter.Convert(value, from.Value, to.Value);
    }

    /// <summary>UnitsNet converts by way of a base unit and rounds several times: 0 °F is −17.77777777777777 °C there.</summary>
    /// <returns>The fraction with a small denominator that the number is closest to, if there is one.</returns>
    private static double Simple(double number)
    {
        var (rest, last, numerator, lastDenominator, denominator) = (number, 0.0, 1.0, 1.0, 0.0);
        for (var i = 0; i < 40; i++)
        {
            var whole = Math.Floor(rest);
            (last, numerator) = (numerator, (whole * numerator) + last);
            (lastDenominator, denominator) = (denominator, (whole * denominator) + lastDenominator);
            if (denominator > MaxDenominator)
            {
                break;
            }

            if (Math.Abs(number - (numerator / denominator)) <= 1e-13 * Math.Abs(number))
            {
                return numerator / denominator;
            }

            rest = 1 / (rest - whole);
        }

        return number;
    }

    private static List<UnitInfo> UnitsOf(string text) => ByText.Value[Normal(text)].ToList() is { Count: > 0 } units
        ? units
        : throw new FormatException($"\"{text}\" is not a known unit");

    private static IEnumerable<string> TextsOf(UnitInfo unit) => UnitsNetSetup.Default.UnitAbbreviations
        .GetUnitAbbreviations(unit.Value.GetType(), Convert.ToInt32(unit.Value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        .Append(unit.Name);

    private static string QuantitiesOf(IEnumerable<UnitInfo> units) =>
        string.Join(" and ", units.Select(unit => unit.QuantityName).Distinct().Order(StringComparer.Ordinal));

    /// <returns>The text in the form in which µ and μ, ³ and 3, ℃ and °C are equal.</returns>
    /// <remarks>The runtime normalizes no text while globalization is invariant.</remarks>
    private static string Normal(string text) => text.Trim().Replace("℃", "°C").Replace("℉", "°F")
        .Replace('\u03BC', '\u00B5').Replace('º', '°').Replace('²', '2').Replace('³', '3');
}
