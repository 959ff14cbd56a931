namespace GrainSensors.Architecture.Tests.Dependencies;

/// <summary>One file uses something that another file declares.</summary>
/// <param name="From">The file that uses the symbol.</param>
/// <param name="To">The file that declares it.</param>
/// <param name="Symbol">A type, or a member as <c>Type.Member</c>.</param>
internal sealed record Arrow(string From, string To, string Symbol);
