using System.Security.Cryptography;
using Confluent.SchemaRegistry;
using GrainSensors.Sources.Configuration;
using SchemaRegistry.Serialization;

namespace GrainSensors.Sources.Schemas;

/// <summary>
/// The schemas of the sources of a process: what registries have answered, and descriptors of files. Readers of several threads share
/// them.
/// </summary>
/// <param name="clock">Null: that of the system.</param>
public sealed class SourceSchemas(TimeProvider? clock = null) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(SchemaRegistryOptions, SchemaType), RegisteredSchemas> _registries = [];
    private readonly Dictionary<(string File, string Type), Descriptors> _descriptors = [];

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var registry in _registries.Values)
            {
                registry.Dispose();
            }

            _registries.Clear();
        }
    }

    /// <exception cref="SourceOptionsException">An option is wrong.</exception>
    internal RegisteredSchemas RegistryOf(SourceOptions options, SchemaType type)
    {
        lock (_gate)
        {
            var key = (options.SchemaRegistry, type);
            if (!_registries.TryGetValue(key, out var registry))
            {
                _registries.Add(key, registry = new(options.SchemaRegistry, type, clock ?? TimeProvider.System));
            }

            return registry;
        }
    }

    /// <summary>Reads the file of descriptors once. Another file counts after a restart.</summary>
    /// <exception cref="SourceOptionsException">The file cannot be read, or it does not have the message type.</exception>
    internal ProtobufMessageConverter DescriptorOf(SourceOptions options) => DescriptorsOf(options).Converter;

    /// <returns>The hash of the file of descriptors by which messages are read; null: the format has none.</returns>
    internal string? DescriptorHashOf(SourceOptions options) =>
        options is { DescriptorFile.Length: > 0, MessageType.Length: > 0 } ? DescriptorsOf(options).Hash : null;

    private Descriptors DescriptorsOf(SourceOptions options)
    {
        lock (_gate)
        {
            var key = (options.DescriptorFile!, options.MessageType!);
            if (!_descriptors.TryGetValue(key, out var descriptors))
            {
                _descriptors.Add(key, descriptors = Read(key.Item1, key.Item2));
            }

            return descriptors;
        }
    }

    private static Descriptors Read(string file, string type)
    {
        try
        {
            var set = ReadFile(file);
            return new(ProtobufMessageConverter.Create(set, type), Convert.ToHexStringLower(SHA256.HashData(set)));
        }
        catch (SchemaFormatException e)
        {
            var isMissing = e.InnerException is null;
            throw new SourceOptionsException(
                isMissing ? nameof(SourceOptions.MessageType) : nameof(SourceOptions.DescriptorFile),
                isMissing
                    ? $"must be a message type of \"{file}\"; got \"{type}\". {e.Message.TrimEnd('.')}"
                    : "must be a file that protoc --include_imports --descriptor_set_out=FILE writes; "
                        + $"\"{file}\" cannot be used: {e.Message.TrimEnd('.')}");
        }
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new SourceOptionsException(
                nameof(SourceOptions.DescriptorFile), $"must be a file that can be read; got \"{file}\": {e.Message.TrimEnd('.')}");
        }
    }

    private sealed record Descriptors(ProtobufMessageConverter Converter, string Hash);
}
