using System.Net;
using System.Reflection;
using GrainSensors.Core.Windows;

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>The keys of a class of options: its public properties that can be set, and those of its sections.</summary>
internal static class OptionKeys
{
    /// <summary>Stands for the number of an element of a list, and for the name of an entry of a map.</summary>
    public const string Placeholder = "N";

    public static IReadOnlyList<PropertyInfo> Of(Type options) =>
    [
        .. options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } || IsMap(property.PropertyType))

            // Code sets functions; a configuration cannot.
            .Where(property => !typeof(Delegate).IsAssignableFrom(property.PropertyType)),
    ];

    /// <returns>The paths of all values below the prefix; a map is one path.</returns>
    public static IEnumerable<string> Paths(Type options, string prefix) => Of(options).SelectMany(property =>
    {
        var path = $"{prefix}:{property.Name}";
        var type = property.PropertyType;
        return IsValue(type) || IsMap(type) ? [path]
            : ElementOf(type) is not { } element ? Paths(type, path)
            : IsValue(element) ? [$"{path}:{Placeholder}"]
            : Paths(element, $"{path}:{Placeholder}");
    });

    /// <summary>Whether a text of the configuration gives the whole value.</summary>
    public static bool IsValue(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(DateTimeOffset)
            || type == typeof(Uri) || type == typeof(IPAddress) || type == typeof(Period);
    }

    public static bool IsMap(Type type) => type.IsGenericType
        && (type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) || type.GetGenericTypeDefinition() == typeof(Dictionary<,>));

    /// <returns>The type of a list's elements; null: the type is not a list.</returns>
    public static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;
}
