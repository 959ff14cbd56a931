namespace GrainSensors.Sources.Messages;

/// <summary>The headers of a message.</summary>
public interface IMessageHeaders
{
    /// <returns>The value of the last header of this name; empty without one.</returns>
    ReadOnlySpan<byte> Find(string name);
}
