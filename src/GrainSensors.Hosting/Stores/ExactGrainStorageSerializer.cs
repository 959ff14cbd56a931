using Orleans.Serialization;
using Orleans.Storage;

namespace GrainSensors.Hosting.Stores;

/// <summary>
/// The bytes of Orleans' own storage serializer, which it gathers in an array that doubles as it grows: the state of a monitor of
/// thousands of sensors would leave as many large objects behind with every checkpoint. Here it is gathered in pooled pieces.
/// </summary>
internal sealed class ExactGrainStorageSerializer(Serializer serializer) : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(serializer.SerializeToArray(input!));

    public T Deserialize<T>(BinaryData input) => serializer.Deserialize<T>(input.ToMemory())!;
}
