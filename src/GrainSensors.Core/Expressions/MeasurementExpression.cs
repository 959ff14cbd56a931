using System.Collections.Immutable;
using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Expressions;

/// <summary>A condition over measurements of one sensor, such as <c>temperature - dewpoint &lt; 2</c>.</summary>
public sealed class MeasurementExpression
{
    /// <summary>In characters. It also limits the depth of the expression.</summary>
    public const int MaxLength = 500;

    private readonly Func<double[], bool> _holds;

    private MeasurementExpression(string text, MeasurementSet declared)
    {
        (Text, (_holds, Measurements)) = (text, new ExpressionCompiler(text, declared).Compile());
        Names = [.. Measurements.Select(measurement => declared[measurement].Name)];
    }

    public string Text { get; }

    /// <summary>The indexes of the measurements, in the order of their first use, each once.</summary>
    public ImmutableArray<int> Measurements { get; }

    /// <summary>The names of <see cref="Measurements"/>.</summary>
    public ImmutableArray<string> Names { get; }

    /// <exception cref="FormatException">The expression is invalid; the message says why.</exception>
    public static MeasurementExpression Parse(string text, MeasurementSet measurements) => text.Length <= MaxLength
        ? new(text, measurements)
        : throw new FormatException($"\"expression\" must have up to {MaxLength} characters; got {text.Length}.");

    /// <param name="values">The values of <see cref="Measurements"/>.</param>
    public bool Holds(double[] values) => _holds(values);

    /// <returns>The measurements with their values: <c>temperature 31.2, humidity 85</c>.</returns>
    public string Describe(double[] values) => string.Join(
        ", ", Names.Zip(values).Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"{PrintableText.Escape(pair.First, 100)} {pair.Second:0.###}")));
}
