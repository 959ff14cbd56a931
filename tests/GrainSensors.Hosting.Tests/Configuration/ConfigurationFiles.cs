using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Tests.Configuration;

/// <summary>Writes <c>appsettings.example.json</c> and <c>appsettings.schema.json</c> from the options and their documentation.</summary>
internal static class ConfigurationFiles
{
    public const string ExamplePath = "appsettings.example.json";
    public const string SchemaPath = "appsettings.schema.json";

    private const string DurationPattern = @"^(\d+(\.\d+)?[smhd]|P[0-9DTHMSW]+|-?(\d+\.)?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?|never)$";
    private const int LineLength = 120;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly (string Name, object Defaults)[] Sections =
    [
        (PipelineOptions.Section, new PipelineOptions()),
        (ClusterIdentityOptions.Section, new ClusterIdentityOptions()),
    ];

    /// <summary>Every key with its default; comments describe them.</summary>
    public static string Example()
    {
        var text = new StringBuilder("{\n");
        text.Append(CultureInfo.InvariantCulture, $"  \"$schema\": \"./{SchemaPath}\",\n");
        text.AppendJoin(",\n", Sections.Select(section => $"  \"{section.Name}\": {Section(section.Defaults, "  ")}"));
        return text.Append("\n}\n").ToString();
    }

    /// <summary>A JSON schema, draft 7, which editors understand.</summary>
    public static string Schema()
    {
        var properties = new JsonObject();
        foreach (var (name, defaults) in Sections)
        {
            properties[name] = ObjectSchema(defaults, isClosed: name == PipelineOptions.Section);
        }

        properties["Logging"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "Log levels by category, as in every .NET application.",
        };
        return new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "Configuration of GrainSensors",
            ["type"] = "object",
            ["properties"] = properties,
        }.ToJsonString(Json) + "\n";
    }

    private static string Section(object options, string indent)
    {
        var inner = indent + "  ";
        var lines = OptionKeys.Of(options.GetType()).Select(property =>
            $"{Comment(property, inner)}{inner}\"{property.Name}\": {Value(property, property.GetValue(options), inner)}");
        return $"{{\n{string.Join(",\n", lines)}\n{indent}}}";
    }

    private static string Value(PropertyInfo property, object? value, string indent) => value switch
    {
        null => "null",
        _ when OptionKeys.IsMap(property.PropertyType) => "{}",
        _ when OptionKeys.ElementOf(property.PropertyType) is not null => "[]",
        _ when OptionKeys.IsValue(property.PropertyType) => Scalar(value)!.ToJsonString(Json),
        _ => Section(value, indent),
    };

    private static string Description(PropertyInfo property) =>
        OptionDocs.Of(property) + (property.GetCustomAttribute<DurationAttribute>() is { AllowsNever: true } ? " `never` is allowed." : "");

    private static string Comment(PropertyInfo property, string indent)
    {
        var words = Description(property);
        if (OptionKeys.ElementOf(property.PropertyType) is { } element && !OptionKeys.IsValue(element))
        {
            words += " Keys of an element: "
                + string.Join(" ", OptionKeys.Of(element).Select(key => $"{key.Name} - {OptionDocs.Of(key)}"));
        }

        var lines = new StringBuilder();
        var line = $"{indent}//";
        foreach (var word in words.Split(' '))
        {
            if (line.Length + word.Length + 1 > LineLength)
            {
                lines.Append(line).Append('\n');
                line = $"{indent}//";
            }

            line += $" {word}";
        }

        return lines.Append(line).Append('\n').ToString();
    }

    private static JsonObject ObjectSchema(object defaults, bool isClosed = true)
    {
        var properties = new JsonObject();
        foreach (var property in OptionKeys.Of(defaults.GetType()))
        {
            properties[property.Name] = PropertySchema(property, property.GetValue(defaults));
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (isClosed)
        {
            schema["additionalProperties"] = false;
        }

        return schema;
    }

    private static JsonObject PropertySchema(PropertyInfo property, object? value)
    {
        var schema = property.PropertyType switch
        {
            var type when OptionKeys.IsValue(type) => ValueSchema(property),
            var type when OptionKeys.IsMap(type) => MapSchema(type),
            var type when OptionKeys.ElementOf(type) is { } element =>
                new()
                {
                    ["type"] = "array",
                    ["items"] = OptionKeys.IsValue(element)
                        ? new JsonObject { ["type"] = element == typeof(string) ? "string" : "number" }
                        : ObjectSchema(Activator.CreateInstance(element)!),
                },
            _ => ObjectSchema(value!),
        };
        schema["description"] = Description(property);
        if (OptionKeys.IsValue(property.PropertyType) && value is not null)
        {
            schema["default"] = Scalar(value);
        }

        return schema;
    }

    private static JsonObject MapSchema(Type type) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = type.GetGenericArguments()[1] is var values && OptionKeys.IsMap(values)
            ? MapSchema(values)
            : new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") },
    };

    private static JsonObject ValueSchema(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var isOptional = type != property.PropertyType
            || new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        var name = Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => "boolean",
            TypeCode.Int32 or TypeCode.Int64 when !type.IsEnum => "integer",
            TypeCode.Double => "number",
            _ => "string",
        };
        var schema = new JsonObject { ["type"] = isOptional ? new JsonArray(name, "null") : name };
        switch (property.GetCustomAttribute<ValueAttribute>())
        {
            case NumberAttribute number:
                (schema["minimum"], schema["maximum"]) = ((long)number.Least, (long)number.Most);
                break;
            case TextAttribute text:
                schema["pattern"] = text.Pattern;
                break;
        }

        if (type == typeof(TimeSpan))
        {
            schema["pattern"] = DurationPattern;
        }
        else if (type.IsEnum)
        {
            schema["enum"] = new JsonArray([.. OptionText.NamesOf(type).Keys.Select(key => (JsonNode)key)]);
        }

        return schema;
    }

    private static JsonNode Scalar(object value) => value switch
    {
        bool flag => flag,
        int number => number,
        long number => number,
        double number => number,
        IPAddress or Period => value.ToString()!,
        _ => OptionText.Format(value),
    };
}
