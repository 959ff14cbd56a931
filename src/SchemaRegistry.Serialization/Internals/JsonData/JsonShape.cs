using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Json.Schema;

namespace SchemaRegistry.Serialization.Internals.JsonData;

/// <summary>
/// Judges a schema before data are checked against it. Validation is recursive, so a schema that applies itself to the same value would
/// exhaust the stack, and a regular expression may take years.
/// </summary>
internal sealed class JsonShape
{
    /// <summary>Maximum number of schemas that apply to one value, one inside of the other.</summary>
    private const int MaxDepth = 16;

    /// <summary>Maximum number of schemas that apply to one value.</summary>
    private const long MaxSchemas = 10_000;

    /// <summary>Time for one match of an expression that .NET cannot match in linear time.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>Keywords that apply their schemas to the value itself, and not to a part of it.</summary>
    private static readonly HashSet<string> InPlace =
        ["$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];

    /// <summary>References whose target depends on the path to them.</summary>
    private static readonly HashSet<string> Dynamic = ["$dynamicRef", "$recursiveRef"];

    private readonly Dictionary<JsonSchemaNode, (int Depth, long Schemas)> _sizes = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<JsonSchemaNode> _visited = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<JsonSchemaNode> _unvisited = new();

    /// <exception cref="InvalidDataException">The schema is not safe to apply.</exception>
    public static void Check(JsonSchema schema)
    {
        if (schema.BoolValue is null)
        {
            new JsonShape().CheckAll(schema.Root);
        }
    }

    private void CheckAll(JsonSchemaNode root)
    {
        _unvisited.Enqueue(root);
        while (_unvisited.TryDequeue(out var node))
        {
            if (!_visited.Add(node))
            {
                continue;
            }

            SizeOf(node);
            foreach (var keyword in node.Keywords ?? [])
            {
                if (Dynamic.Contains(keyword.Handler.Name))
                {
                    throw new InvalidDataException($"{keyword.Handler.Name} is not supported; use $ref");
                }

                if (keyword.Value is Regex expression)
                {
                    keyword.Value = Bounded(expression);
                }

                if (keyword.Value is Dictionary<string, Regex> expressions)
                {
                    foreach (var (name, named) in expressions.ToList())
                    {
                        expressions[name] = Bounded(named);
                    }
                }

                foreach (var part in keyword.Subschemas ?? [])
                {
                    _unvisited.Enqueue(part);
                }
            }
        }
    }

    private (int Depth, long Schemas) SizeOf(JsonSchemaNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (_sizes.TryGetValue(node, out var known))
        {
            return known.Depth > 0 ? known : throw new InvalidDataException("a schema in it applies itself to the same value");
        }

        _sizes[node] = default;
        var (depth, schemas) = (0, 1L);
        foreach (var keyword in node.Keywords ?? [])
        {
            if (!InPlace.Contains(keyword.Handler.Name))
            {
                continue;
            }

            foreach (var part in keyword.Subschemas ?? [])
            {
                var size = SizeOf(part);
                (depth, schemas) = (Math.Max(depth, size.Depth), schemas + size.Schemas);
            }
        }

        return depth < MaxDepth && schemas <= MaxSchemas
            ? _sizes[node] = (depth + 1, schemas)
            : throw new InvalidDataException(
                $"it applies more than {MaxSchemas} schemas, or more than {MaxDepth} inside of each other, to one value");
    }

    private static Regex Bounded(Regex expression)
    {
        try
        {
            return new(expression.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            // Look-arounds and back references need the other engine.
            return new(expression.ToString(), expression.Options & ~RegexOptions.Compiled, MatchTimeout);
        }
    }
}
