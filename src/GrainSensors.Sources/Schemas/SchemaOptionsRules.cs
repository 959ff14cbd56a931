using GrainSensors.Sources.Configuration;

namespace GrainSensors.Sources.Schemas;

/// <summary>Checks the options of formats with a schema.</summary>
internal static class SchemaOptionsRules
{
    private const string Registry = nameof(SourceOptions.SchemaRegistry);
    private const string Url = $"{Registry}:{nameof(SchemaRegistryOptions.Url)}";
    private const string User = $"{Registry}:{nameof(SchemaRegistryOptions.BasicAuthUserInfo)}";

    /// <param name="format">The format of the source, which its preset may give.</param>
    /// <exception cref="SourceOptionsException">An option is wrong, missing, or of another format.</exception>
    public static void Check(SourceOptions options, SourceFormat format)
    {
        if (format is SourceFormat.Avro or SourceFormat.Protobuf)
        {
            CheckRegistry(options.SchemaRegistry);
        }
        else if (options.SchemaRegistry != new SchemaRegistryOptions())
        {
            throw new SourceOptionsException(
                options.SchemaRegistry.Url.Length > 0 ? Url : Registry,
                "belongs to the formats avro and protobuf; remove it"
                + (format == SourceFormat.JsonSchema ? ", because json-schema needs no registry" : ", or set Format"));
        }

        if (format == SourceFormat.ProtobufRaw)
        {
            Require(nameof(SourceOptions.DescriptorFile), options.DescriptorFile,
                "give the file that protoc --include_imports --descriptor_set_out=FILE writes");
            Require(nameof(SourceOptions.MessageType), options.MessageType,
                "give the full name of the message type, such as farm.v1.Reading");
        }
        else
        {
            Refuse(nameof(SourceOptions.DescriptorFile), options.DescriptorFile);
            Refuse(nameof(SourceOptions.MessageType), options.MessageType);
        }
    }

    private static void CheckRegistry(SchemaRegistryOptions registry)
    {
        Require(Url, registry.Url, "give the address of the schema registry, such as https://registry:8081");
        foreach (var url in registry.Url.Split(','))
        {
            if (!Uri.TryCreate(url.Trim(), UriKind.Absolute, out var address))
            {
                throw NoAddress(url);
            }

            if (address.UserInfo.Length > 0)
            {
                throw new SourceOptionsException(Url, $"must have neither a user nor a password; set {User}");
            }

            if (address.Scheme is not ("http" or "https"))
            {
                throw NoAddress(url);
            }
        }

        if (registry.BasicAuthUserInfo is { Length: > 0 } user && user.IndexOf(':', StringComparison.Ordinal) < 1)
        {
            throw new SourceOptionsException(User, "must be USER:PASSWORD; the given value may be a secret and is not shown");
        }

        if (registry.SslCaLocation is { Length: > 0 } file && !File.Exists(file))
        {
            throw new SourceOptionsException(
                $"{Registry}:{nameof(SchemaRegistryOptions.SslCaLocation)}", $"must be a PEM file; \"{file}\" does not exist");
        }
    }

    private static SourceOptionsException NoAddress(string url)
    {
        var got = url.Contains('@', StringComparison.Ordinal) ? "a text with @, which may have a password" : $"\"{url}\"";
        return new(Url, $"must be an address such as https://registry:8081; got {got}");
    }

    private static void Require(string option, string? value, string cure)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new SourceOptionsException(option, $"is missing; {cure}");
        }
    }

    private static void Refuse(string option, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            throw new SourceOptionsException(
                option, $"belongs to the format protobuf-raw; remove it, or set Format to protobuf-raw; got \"{value}\"");
        }
    }
}
