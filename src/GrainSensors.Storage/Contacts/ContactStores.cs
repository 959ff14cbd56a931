namespace GrainSensors.Storage.Contacts;

/// <summary>The tables of contact points and of notifications.</summary>
public sealed record ContactStores(IContactPointStore Points, INotificationStore Notifications);
