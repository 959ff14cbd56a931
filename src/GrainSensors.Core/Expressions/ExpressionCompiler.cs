using System.Collections.Immutable;
using System.Globalization;
using System.Linq.Expressions;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using NCalc;
using NCalc.Exceptions;
using Code = System.Linq.Expressions.Expression;
using Operator = NCalc.BinaryExpressionType;
using Sign = NCalc.UnaryExpressionType;

namespace GrainSensors.Core.Expressions;

/// <summary>Compiles an expression to code that takes an array of numbers and allocates nothing.</summary>
/// <remarks>
/// The parser is NCalc's. Its evaluator boxes each number, and has functions and types that a rule has no use for. Here an expression
/// has numbers, measurements and a few functions, all of constant time.
/// </remarks>
internal sealed class ExpressionCompiler(string text, MeasurementSet measurements)
{
    private const string Operators = "+, -, *, /, %, <, <=, >, >=, ==, !=, &&, || and !";
    private const string Functions = "abs, exp, ln, max, min, pow and sqrt";

    private static readonly LogicalExpressionParserOptions Options = new()
    {
        FloatingPointNumberType = FloatingPointNumberType.Double,
        IntegerNumberType = IntegerNumberType.Int64,
    };

    private readonly ParameterExpression _values = Code.Parameter(typeof(double[]), "values");
    private readonly List<int> _measurements = [];

    /// <returns>The condition, and the measurements whose values it takes.</returns>
    public (Func<double[], bool> Holds, ImmutableArray<int> Measurements) Compile()
    {
        var body = Of(Parse());
        if (body.Type != typeof(bool))
        {
            throw Invalid("must be a comparison, such as temperature > 30");
        }

        return _measurements.Count > 0
            ? (Code.Lambda<Func<double[], bool>>(body, _values).Compile(), [.. _measurements])
            : throw Invalid("must name a measurement");
    }

    private LogicalExpression Parse()
    {
        try
        {
            return LogicalExpressionParser.Parse(text, Options, CultureInfo.InvariantCulture, CancellationToken.None);
        }
        catch (Exception e) when (e is NCalcException or InvalidOperationException or FormatException or OverflowException)
        {
            throw Invalid($"cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    private Code Of(LogicalExpression expression) => expression switch
    {
        ValueExpression { Value: long or int or double } number =>
            Code.Constant(Convert.ToDouble(number.Value, CultureInfo.InvariantCulture)),
        Identifier name => Code.ArrayIndex(_values, Code.Constant(PlaceOf(name.Name))),
        NCalc.UnaryExpression { Type: Sign.Not } not => Code.Not(Truth(not.Expression, "!")),
        NCalc.UnaryExpression { Type: Sign.Negate } negative => Code.Negate(Number(negative.Expression, "-")),
        NCalc.UnaryExpression { Type: Sign.Positive } positive => Number(positive.Expression, "+"),
        NCalc.BinaryExpression { Type: Operator.And or Operator.Or } both => Combine(both),
        NCalc.BinaryExpression pair => Calculate(pair),
        Function function => Call(function),
        _ => throw Invalid($"can have numbers, measurements, {Operators}, and the functions {Functions}"),
    };

    private System.Linq.Expressions.BinaryExpression Combine(NCalc.BinaryExpression both) => both.Type == Operator.And
        ? Code.AndAlso(Truth(both.LeftExpression, "&&"), Truth(both.RightExpression, "&&"))
        : Code.OrElse(Truth(both.LeftExpression, "||"), Truth(both.RightExpression, "||"));

    private Code Calculate(NCalc.BinaryExpression pair)
    {
        (string Name, Func<Code, Code, Code> Make)? known = pair.Type switch
        {
            Operator.Plus => ("+", Code.Add),
            Operator.Minus => ("-", Code.Subtract),
            Operator.Times => ("*", Code.Multiply),
            Operator.Div => ("/", Code.Divide),
            Operator.Modulo => ("%", Code.Modulo),
            Operator.Lesser => ("<", Code.LessThan),
            Operator.LesserOrEqual => ("<=", Code.LessThanOrEqual),
            Operator.Greater => (">", Code.GreaterThan),
            Operator.GreaterOrEqual => (">=", Code.GreaterThanOrEqual),
            Operator.Equal => ("==", Code.Equal),
            Operator.NotEqual => ("!=", Code.NotEqual),
            _ => null,
        };
        return known is var (name, make)
            ? make(Number(pair.LeftExpression, name), Number(pair.RightExpression, name))
            : throw Invalid($"can have the operators {Operators}");
    }

    private Code Call(Function function)
    {
        var name = function.Identifier.Name.ToLowerInvariant();
        var given = function.Parameters.AsSpan().ToArray();
        var (least, most) = name switch
        {
            "abs" or "exp" or "ln" or "sqrt" => (1, 1),
            "pow" => (2, 2),
            "max" or "min" => (2, int.MaxValue),
            _ => throw Invalid($"can have the functions {Functions}; got {Quoted(function.Identifier.Name)}"),
        };
        if (given.Length < least || given.Length > most)
        {
            throw Invalid($"must give {name} {(least == 1 ? "one number" : most == 2 ? "two numbers" : "at least two numbers")}");
        }

        var numbers = Array.ConvertAll(given, number => Number(number, name));
        return name switch
        {
            "max" => numbers.Aggregate((left, right) => Maths(nameof(Math.Max), left, right)),
            "min" => numbers.Aggregate((left, right) => Maths(nameof(Math.Min), left, right)),
            "ln" => Maths(nameof(Math.Log), numbers),
            _ => Maths($"{char.ToUpperInvariant(name[0])}{name[1..]}", numbers),
        };
    }

    private static MethodCallExpression Maths(string method, params Code[] numbers) =>
        Code.Call(typeof(Math).GetMethod(method, Array.ConvertAll(numbers, _ => typeof(double)))!, numbers);

    private Code Number(LogicalExpression expression, string user) => Of(expression) is var code && code.Type == typeof(double)
        ? code
        : throw Invalid($"must give {user} numbers; got a comparison");

    private Code Truth(LogicalExpression expression, string user) => Of(expression) is var code && code.Type == typeof(bool)
        ? code
        : throw Invalid($"must give {user} comparisons; got a number");

    private int PlaceOf(string name)
    {
        var measurement = measurements.IndexOf(name);
        if (measurement < 0)
        {
            throw Invalid(
                $"must use declared measurements: {string.Join(", ", measurements.All.Select(known => known.Name))}, in [] if a name "
                + $"has other characters than a to z, digits and _; got {Quoted(name)}");
        }

        if (!_measurements.Contains(measurement))
        {
            _measurements.Add(measurement);
        }

        return _measurements.IndexOf(measurement);
    }

    private static string Quoted(string name) => $"\"{PrintableText.Escape(name, 100)}\"";

    private static FormatException Invalid(string reason) => new($"\"expression\" {reason}.");
}
