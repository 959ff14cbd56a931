namespace GrainSensors.Contacts.Delivery;

/// <param name="PublicUrl">Address of the console for people, without a slash at its end; null: messages have no links.</param>
/// <param name="MaxAttempts">After so many failed attempts a notification is dead.</param>
public sealed record DeliverySettings(string? PublicUrl, int MaxAttempts);
