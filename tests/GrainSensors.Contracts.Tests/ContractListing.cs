using System.Globalization;
using System.Reflection;
using Orleans.CodeGeneration;

namespace GrainSensors.Contracts.Tests;

/// <summary>
/// The contracts between silos of different versions as text, one <c>name = value</c> per line. The lines are sorted, so that only
/// a change of a contract changes them.
/// </summary>
internal static class ContractListing
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>In the name of the line that has the version of a grain interface.</summary>
    public const string Version = "version";

    public static string Of(IEnumerable<Type> types) =>
        string.Concat(types.Where(IsWritten).SelectMany(Lines).Order(StringComparer.Ordinal).Select(line => line + "\n"));

    /// <returns>The name of a type on the wire: its alias, so that the type can be renamed in C#.</returns>
    public static string Name(Type type)
    {
        if (type.GetCustomAttribute<AliasAttribute>() is { } alias)
        {
            return alias.Alias;
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{Name(value)}?";
        }

        return type.IsGenericType
            ? $"{type.Namespace}.{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}"
                + $"<{string.Join(", ", type.GenericTypeArguments.Select(Name))}>"
            : type.FullName!.Replace('+', '.');
    }

    public static bool IsMessage(Type type) => IsWritten(type) && type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);

    /// <summary>Excludes types that Orleans generates: they follow from the written ones.</summary>
    private static bool IsWritten(Type type) => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true;

    private static IEnumerable<string> Lines(Type type) =>
        IsMessage(type) ? (type.IsEnum ? EnumLines(type) : MessageLines(type))
        : type.IsInterface && typeof(IAddressable).IsAssignableFrom(type) ? InterfaceLines(type)
        : type is { IsClass: true, IsAbstract: false }
            && typeof(IGrain).IsAssignableFrom(type)
            && typeof(IGrainBase).IsAssignableFrom(type) ? [GrainLine(type)]
        : ConverterLines(type);

    private static IEnumerable<string> MessageLines(Type type)
    {
        var name = Name(type);
        yield return $"type {name} = {(type.IsValueType ? "struct" : "class")}{Base(type)}";
        foreach (var member in type.GetMembers(Members))
        {
            if (member.GetCustomAttribute<IdAttribute>() is { } id)
            {
                var memberType = member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;
                yield return $"type {name} [{id.Id.ToString("00", CultureInfo.InvariantCulture)}] = {Name(memberType)} {member.Name}";
            }
        }
    }

    private static string Base(Type type) => type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) ? $" : {Name(b)}" : "";

    private static IEnumerable<string> EnumLines(Type type) =>
        Enum.GetNames(type).Select(value => $"enum {Name(type)} {Enum.Format(type, Enum.Parse(type, value), "d")} = {value}")
            .Append($"enum {Name(type)} = {Name(Enum.GetUnderlyingType(type))}");

    private static IEnumerable<string> InterfaceLines(Type type) =>
        type.GetMethods().Select(method => $"interface {Name(type)} {MethodName(method)} = {Name(method.ReturnType)}")
            .Append($"interface {Name(type)} = {string.Join(", ", KeyInterfaces(type).Select(Name).Order(StringComparer.Ordinal))}")
            .Append($"interface {Name(type)} {Version} = {type.GetCustomAttribute<VersionAttribute>()?.Version ?? 0}");

    private static IEnumerable<Type> KeyInterfaces(Type type) =>
        type.GetInterfaces().Where(i => i.Name.StartsWith("IGrainWith", StringComparison.Ordinal));

    /// <summary>A method without an alias is identified by a hash of its signature.</summary>
    private static string MethodName(MethodInfo method) =>
        (method.GetCustomAttribute<AliasAttribute>()?.Alias
            ?? method.GetCustomAttribute<IdAttribute>()?.Id.ToString(CultureInfo.InvariantCulture)
            ?? "without an alias")
        + $"({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))})";

    /// <summary>The identity of a grain begins with its type: by default the name of its class.</summary>
    private static string GrainLine(Type type)
    {
        var name = type.GetCustomAttribute<GrainTypeAttribute>() is { } attribute
            ? attribute.GetGrainType(null!, type).ToString()
            : type.Name.Replace("Grain", "", StringComparison.Ordinal).ToLowerInvariant();
        var interfaces = type.GetInterfaces().Where(i => typeof(IAddressable).IsAssignableFrom(i) && i.IsDefined(typeof(AliasAttribute)));
        return $"grain {name} = {string.Join(", ", interfaces.Select(Name).Order(StringComparer.Ordinal))}";
    }

    /// <summary>A type without Orleans attributes is sent as its surrogate.</summary>
    private static IEnumerable<string> ConverterLines(Type type) => type.GetInterfaces()
        .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConverter<,>))
        .Select(i => $"converted {Name(i.GenericTypeArguments[0])} = {Name(i.GenericTypeArguments[1])}");
}
