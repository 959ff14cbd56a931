using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SchemaRegistry.Serialization.Internals.ProtobufJson;

namespace SchemaRegistry.Serialization;

/// <summary>
/// Writes Protobuf messages without a schema id as JSON, by a set of descriptors as <c>protoc --include_imports
/// --descriptor_set_out</c> writes it. The JSON is that of <see cref="SchemaMessageConverter"/>. Threads may share a converter.
/// </summary>
public sealed class ProtobufMessageConverter
{
    private readonly ProtobufType _type;

    private ProtobufMessageConverter(ProtobufType type) => _type = type;

    /// <summary>Creates a converter.</summary>
    /// <param name="descriptorSet">The content of the file: a <c>FileDescriptorSet</c>.</param>
    /// <param name="message">The full name of the message type, such as <c>farm.v1.Reading</c>.</param>
    /// <returns>The converter.</returns>
    /// <exception cref="SchemaFormatException">The set is invalid, or it does not have the type.</exception>
    public static ProtobufMessageConverter Create(ReadOnlySpan<byte> descriptorSet, string message)
    {
        ArgumentException.ThrowIfNullOrEmpty(message);
        IReadOnlyList<FileDescriptor> files;
        try
        {
            files = FileDescriptor.BuildFromByteStrings(
                FileDescriptorSet.Parser.ParseFrom(descriptorSet).File.Select(file => file.ToByteString()));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new SchemaFormatException($"The set of Protobuf descriptors is invalid: {e.Message}", e);
        }

        var types = files.SelectMany(file => file.MessageTypes).SelectMany(WithNested).ToList();
        return types.Find(type => type.FullName == message) is { } found
            ? new(new ProtobufTypes().Of(found))
            : throw new SchemaFormatException(
                $"The set of Protobuf descriptors has no message type \"{message}\"; it has {Known(types)}.");
    }

    /// <summary>Writes a message as one JSON value.</summary>
    /// <inheritdoc cref="SchemaMessageConverter.WriteJson"/>
    /// <exception cref="SchemaFormatException">No retry can read the message.</exception>
    public void WriteJson(ReadOnlySpan<byte> message, Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            ProtobufJsonWriter.Write(_type, message, json);
        }
        catch (InvalidDataException e)
        {
            throw new SchemaFormatException($"The message is not valid Protobuf of the type \"{_type.Name}\": {e.Message}.", e);
        }
    }

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor type) =>
        type.NestedTypes.Where(nested => nested.GetOptions()?.MapEntry != true).SelectMany(WithNested).Prepend(type);

    private static string Known(List<MessageDescriptor> types)
    {
        const int Most = 10;
        var own = types.Where(type => type.File.Package != "google.protobuf").Select(type => type.FullName).ToList();
        var names = string.Join(", ", own.Take(Most));
        return own.Count == 0 ? "none of its own" : own.Count > Most ? $"{names} and {own.Count - Most} more" : names;
    }
}
